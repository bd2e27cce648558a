using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Coffer.Keys.Pkcs11;

/// <summary>A session with one token, logged in as its user.</summary>
internal sealed class Pkcs11Token : IDisposable
{
    // One session is not for concurrent use; and with several sessions, libraries that allow threads still fail while one of
    // them makes keys or logs in (SoftHSM 2.6.1: CKR_GENERAL_ERROR). So one call at a time for the process.
    private static readonly Lock Gate = new();

    private readonly ISession _session;
    private bool _disposed;

    private Pkcs11Token(string name, ISession session)
    {
        Name = name;
        _session = session;
    }

    /// <summary>The token's label and serial number, for messages.</summary>
    public string Name { get; }

    public static Pkcs11Token Open(Pkcs11Options options, bool writable)
    {
        var library = Pkcs11Library.Load(options.LibraryPath);
        var pin = ReadPin(options.Pin);
        try
        {
            lock (Gate)
            {
                var (slot, name) = Call(options.LibraryPath, "list tokens", () => Find(library, options));
                var session = Call(name, "open a session", () => slot.OpenSession(writable ? SessionType.ReadWrite : SessionType.ReadOnly));
                var token = new Pkcs11Token(name, session);
                token.LogIn(pin);
                return token;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pin);
        }
    }

    /// <summary>Runs something in the session.</summary>
    /// <param name="what">What it does, for messages: "sign".</param>
    /// <param name="action">What to run.</param>
    public T Use<T>(string what, Func<ISession, T> action)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Pkcs11DeviceKey));
            return Call(Name, what, () => action(_session));
        }
    }

    /// <inheritdoc cref="Use{T}"/>
    public void Use(string what, Action<ISession> action) => _ = Use(what, session =>
    {
        action(session);
        return true;
    });

    /// <summary>Closes the session. The token logs its user out with the process's last session; other keys' stay in use.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            try
            {
                _session.Dispose();
            }
            catch (Pkcs11Exception)
            {
                // A token that was unplugged has closed its sessions itself.
            }
        }
    }

    private static (ISlot Slot, string Name) Find(IPkcs11Library library, Pkcs11Options options)
    {
        var wanted = $"token{(options.TokenLabel is { } label ? $" '{label}'" : "")}{(options.TokenSerial is { } serial ? $" with serial number {serial}" : "")}";
        var found = new List<(ISlot, string)>();
        foreach (var slot in library.GetSlotList(SlotsType.WithTokenPresent))
        {
            var token = slot.GetTokenInfo();
            if (token.TokenFlags.TokenInitialized
                && (options.TokenLabel is null || token.Label == options.TokenLabel)
                && (options.TokenSerial is null || token.SerialNumber == options.TokenSerial))
            {
                found.Add((slot, $"{token.Label} ({token.SerialNumber})"));
            }
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw new KeyException(KeyError.NotFound, $"The library '{options.LibraryPath}' sees no {wanted}. Plug it in, initialise it, or give the label of another."),
            _ => throw new KeyException(KeyError.NotFound, $"The library '{options.LibraryPath}' sees {found.Count} of: {wanted}. Give a label and a serial number that name one."),
        };
    }

    private static byte[] ReadPin(Func<char[]> source)
    {
        var characters = source() ?? throw new KeyException(KeyError.AccessDenied, "No PIN was given. Return the token's user PIN.");
        try
        {
            var pin = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(characters), pinned: true);
            _ = Encoding.UTF8.GetBytes(characters, pin);
            return pin;
        }
        finally
        {
            Array.Clear(characters);
        }
    }

    private void LogIn(byte[] pin)
    {
        try
        {
            _session.Login(CKU.CKU_USER, pin);
        }
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // PKCS #11 v2.40 §5.6: the login belongs to the process. Another key of this process has opened the token.
        }
        catch (Pkcs11Exception e)
        {
            Dispose();
            throw e.RV switch
            {
                CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID or CKR.CKR_PIN_LEN_RANGE => new KeyException(
                    KeyError.AccessDenied, $"The token {Name} refused the PIN. Check it before the next try: tokens lock themselves after a few wrong ones.", e),
                CKR.CKR_PIN_LOCKED or CKR.CKR_PIN_EXPIRED or CKR.CKR_USER_PIN_NOT_INITIALIZED => new KeyException(
                    KeyError.AccessDenied, $"The token {Name} accepts no user PIN now ({e.RV}). Have its security officer set a new one.", e),
                _ => Failed(Name, "log in", e),
            };
        }
    }

    private static T Call<T>(string name, string what, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Pkcs11Exception e)
        {
            throw Failed(name, what, e);
        }
    }

    private static KeyException Failed(string name, string what, Pkcs11Exception e) =>
        new(KeyError.Unavailable, $"The token {name} failed to {what} ({e.RV}). Check that it is plugged in or reachable, then open the key again.", e);
}
