using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Coffer.Inference;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>
/// Finds and loads the native ONNX Runtime before the managed half is touched: without its library the managed half dies
/// as a <see cref="TypeInitializationException"/> that names no remedy, and stays dead for the life of the process.
/// </summary>
internal static unsafe class NativeRuntime
{
    /// <summary>ORT_API_VERSION of the release whose managed half Coffer compiles against.</summary>
    public const uint ApiVersion = 31;

    private const string LibraryName = "onnxruntime";

    private static readonly Lock Gate = new();
    private static nint _handle;
    private static nint* _api;
    private static string? _path;
    private static string? _version;

    /// <summary>The C API: a table of function pointers whose order never changes, only grows.</summary>
    /// <exception cref="InferenceException">There is no library, or it is too old.</exception>
    public static nint* Api => _api != null ? _api : Load(explicitPath: null);

    /// <summary>The library's own version, for example <c>1.31.1</c>.</summary>
    public static string Version
    {
        get
        {
            _ = Api;
            return _version!;
        }
    }

    /// <summary>The library's handle, for the question which execution providers it exports.</summary>
    public static nint Handle
    {
        get
        {
            _ = Api;
            return _handle;
        }
    }

    /// <summary>Where the library lies; null where the system doesn't say (a static link).</summary>
    public static string? LibraryPath
    {
        get
        {
            _ = Api;
            return _path ??= FindModule(NativeLibrary.GetExport(_handle, "OrtGetApiBase"));
        }
    }

    /// <summary>Loads the library of that path instead of searching for one.</summary>
    public static void Use(string path)
    {
        lock (Gate)
        {
            if (_api == null)
            {
                Load(path);
            }
            else if (!string.Equals(path, LibraryPath, StringComparison.Ordinal))
            {
                throw new InvalidOperationException(
                    $"'{path}' can't be used: this process already runs ONNX Runtime {_version} from '{LibraryPath}'. Choose the library before the first model is opened.");
            }
        }
    }

    private static nint* Load(string? explicitPath)
    {
        lock (Gate)
        {
            if (_api != null)
            {
                return _api;
            }

            var handle = explicitPath is null ? Search() : Open(explicitPath);
            var api = Negotiate(handle, explicitPath, out _version);
            _handle = handle;
            _path = explicitPath;
            RegisterResolver();
            return _api = api;
        }
    }

    private static nint Search()
    {
        // The assembly's own search finds what a package reference brought (NATIVE_DLL_SEARCH_DIRECTORIES, the application's folder).
        if (NativeLibrary.TryLoad(LibraryName, typeof(OrtEnv).Assembly, searchPath: null, out var handle))
        {
            return handle;
        }

        throw new InferenceException(
            InferenceError.RuntimeMissing,
            $"No native ONNX Runtime for {RuntimeInformation.RuntimeIdentifier} was found beside the application. Add one with 'dotnet add package Coffer.Runtime.Cpu', or for NVIDIA GPUs 'dotnet add package Coffer.Runtime.Gpu' (one of the two, never both).");
    }

    private static nint Open(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new InferenceException(
                InferenceError.RuntimeMissing,
                File.Exists(path)
                    ? $"'{path}' can't be loaded as a native library of this system ({RuntimeInformation.RuntimeIdentifier}); a library that it needs may be missing. Check it with ldd (Linux), otool -L (macOS) or dumpbin /dependents (Windows)."
                    : $"There is no file '{path}'. Name the native ONNX Runtime library itself, for example libonnxruntime.so.",
                e);
        }
    }

    /// <summary>Asks the library for the C API. <paramref name="handle"/> is closed when it can't give it.</summary>
    private static nint* Negotiate(nint handle, string? explicitPath, out string version)
    {
        version = "";
        var name = explicitPath ?? LibraryName;
        if (!NativeLibrary.TryGetExport(handle, "OrtGetApiBase", out var export))
        {
            NativeLibrary.Free(handle);
            throw new InferenceException(
                InferenceError.RuntimeMissing,
                $"'{name}' is a native library, but not ONNX Runtime: it has no OrtGetApiBase. Name onnxruntime itself, not one of its providers.");
        }

        // struct OrtApiBase { const OrtApi* (*GetApi)(uint32_t); const char* (*GetVersionString)(void); }
        var entries = ((delegate* unmanaged<nint*>)export)();
        version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)entries[1])()) ?? "";
        var api = ((delegate* unmanaged<uint, nint*>)entries[0])(ApiVersion);
        if (api == null)
        {
            var path = explicitPath ?? FindModule(export) ?? LibraryName;
            NativeLibrary.Free(handle);
            throw new InferenceException(
                InferenceError.RuntimeTooOld,
                $"The native ONNX Runtime '{path}' is version {version}; version 1.{ApiVersion} or newer is needed. Update the Coffer.Runtime package, or name a newer library.");
        }

        return api;
    }

    /// <summary>The managed half gets the library that was examined here, not one that another search might find.</summary>
    private static void RegisterResolver()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, Resolve);
            // Its own resolver would only report that there is one already.
            OrtEnv.DisableDllImportResolver = true;
        }
        catch (InvalidOperationException)
        {
            // The application chose a resolver, or used ONNX Runtime, before: its library is loaded and stays.
        }
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath) =>
        library is LibraryName or LibraryName + ".dll" ? _handle : 0;

    /// <summary>The file of the loaded module that holds an address.</summary>
    private static string? FindModule(nint address)
    {
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                if (address >= module.BaseAddress && address < module.BaseAddress + module.ModuleMemorySize)
                {
                    return module.FileName;
                }
            }
        }

        return null;
    }
}
