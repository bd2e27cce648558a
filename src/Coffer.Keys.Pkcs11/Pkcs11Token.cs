using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Coffer.Keys.Pkcs11;

/// <summary>A session with one token, logged in as its user. Sessions are not for concurrent use (PKCS #11 v2.40 §2.6.7), so one call runs at a time.</summary>
internal sealed class Pkcs11Token : IDisposable
{
    private readonly Lock _gate = new();
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
        var (slot, name) = Call(options.LibraryPath, "list tokens", () => Find(library, options));
        var session = Call(name, "open a session", () => slot.OpenSession(writable ? SessionType.ReadWrite : SessionType.ReadOnly));
        try
        {
            LogIn(session, name, options.Pin);
            return new Pkcs11Token(name, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs something in the session.</summary>
    /// <param name="what">What it does, for messages: "sign".</param>
    /// <param name="action">What to run.</param>
    public T Use<T>(string what, Func<ISession, T> action)
    {
        lock (_gate)
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
        lock (_gate)
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

    private static void LogIn(ISession session, string name, Func<char[]> pin)
    {
        var characters = pin() ?? throw new KeyException(KeyError.AccessDenied, $"No PIN was given for the token {name}. Return the token's user PIN.");
        byte[] bytes = [];
        try
        {
            bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(characters), pinned: true);
            _ = Encoding.UTF8.GetBytes(characters, bytes);
            session.Login(CKU.CKU_USER, bytes);
        }
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // PKCS #11 v2.40 §5.6: the login belongs to the process. Another key of this process has opened the token.
        }
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID or CKR.CKR_PIN_LEN_RANGE)
        {
            throw new KeyException(KeyError.AccessDenied, $"The token {name} refused the PIN. Check it before the next try: tokens lock themselves after a few wrong ones.", e);
        }
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_PIN_LOCKED or CKR.CKR_PIN_EXPIRED or CKR.CKR_USER_PIN_NOT_INITIALIZED)
        {
            throw new KeyException(KeyError.AccessDenied, $"The token {name} accepts no user PIN now ({e.RV}). Have its security officer set a new one.", e);
        }
        catch (Pkcs11Exception e)
        {
            throw Failed(name, "log in", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(characters);
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
