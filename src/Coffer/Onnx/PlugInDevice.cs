namespace Coffer.Onnx;

/// <summary>The kind of device that a plug-in runs on.</summary>
public enum PlugInDevice
{
    /// <summary>A GPU, or where the plug-in brings none, a neural processor.</summary>
    Accelerator,

    /// <summary>A GPU.</summary>
    Gpu,

    /// <summary>A neural processor.</summary>
    Npu,

    /// <summary>The processor.</summary>
    Cpu,
}
