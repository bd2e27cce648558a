using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Coffer.Bundles;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Coffer.Keys.Pkcs11;

/// <summary>The PKCS#11 libraries that this process has loaded.</summary>
internal static class Pkcs11Library
{
    // C_Finalize ends a library for the whole process, other users of it included: what is loaded stays loaded.
    private static readonly ConcurrentDictionary<string, Lazy<IPkcs11Library>> Loaded = new(StringComparer.Ordinal);

    static Pkcs11Library()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Pkcs11InteropFactories).Assembly, static (name, _, _) => name == "libdl" ? FindLoader() : 0);
        }
        catch (InvalidOperationException)
        {
            // The application has a resolver of its own for Pkcs11Interop.
        }
    }

    public static IPkcs11Library Load(string path)
    {
        // A bare name would be searched for in folders that others may be able to write, and the library sees the PIN.
        if (!Path.IsPathFullyQualified(path))
        {
            throw new KeyException(KeyError.NotFound, $"The PKCS#11 library '{path}' is not a full path. Give the full path of the library.");
        }

        if (!File.Exists(path))
        {
            throw new KeyException(KeyError.NotFound, $"There is no PKCS#11 library '{path}'. Install the token maker's software, or give the right path.");
        }

        // A failed load is tried again by the next caller: only what succeeds is cached.
        var library = Loaded.GetOrAdd(path, static path => new(() => LoadNew(path), LazyThreadSafetyMode.ExecutionAndPublication));
        try
        {
            return library.Value;
        }
        catch
        {
            Loaded.TryRemove(new(path, library));
            throw;
        }
    }

    // Pkcs11Interop imports dlopen from "libdl", whose link only development packages of Linux install; glibc 2.34 and musl
    // have the function in libc, and the dotnet host links to it in any case.
    private static nint FindLoader()
    {
        var program = NativeLibrary.GetMainProgramHandle();
        return NativeLibrary.TryGetExport(program, "dlopen", out _) || !NativeLibrary.TryLoad("libdl.so.2", out var library) ? program : library;
    }

    private static IPkcs11Library LoadNew(string path)
    {
        var factories = new Pkcs11InteropFactories();
        try
        {
            return factories.Pkcs11LibraryFactory.LoadPkcs11Library(factories, path, AppType.MultiThreaded);
        }
        catch (Pkcs11Exception e)
        {
            throw new KeyException(KeyError.Unavailable, $"The PKCS#11 library '{path}' does not start ({e.RV}). Check its configuration and that this account may read it.", e);
        }
        catch (Exception e) when (e is UnmanagedException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new KeyException(KeyError.Unavailable, $"'{path}' is not a PKCS#11 library for this process. Give the library for {RuntimeInformation.RuntimeIdentifier}.", e);
        }
    }
}
