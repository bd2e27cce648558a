using Coffer.Onnx;

namespace Coffer.Tests.Onnx;

public sealed class ProviderOptionsTests
{
    [Fact]
    public void ToString_OfTypedOptions_ShowsTheRuntimesNames()
    {
        Assert.Equal(
            "CUDA (device_id=1, gpu_mem_limit=1048576, use_tf32=0, prefer_nhwc=1, cudnn_conv_algo_search=HEURISTIC)",
            ExecutionProvider.Cuda(new CudaOptions { DeviceId = 1, MemoryLimit = 1 << 20, Tf32 = false, PreferNhwc = true, Additional = Map("cudnn_conv_algo_search", "HEURISTIC") }).ToString());
        Assert.Equal(
            "TensorRT (device_id=0, trt_fp16_enable=1, trt_max_workspace_size=1024, trt_min_subgraph_size=5, trt_builder_optimization_level=2, trt_engine_cache_enable=0, trt_timing_cache_enable=0)",
            ExecutionProvider.TensorRt(new TensorRtOptions { Float16 = true, MaxWorkspace = 1024, MinSubgraphSize = 5, BuilderOptimizationLevel = 2 }).ToString());
        Assert.Equal("DirectML (device_id=0)", ExecutionProvider.DirectMl().ToString());
        Assert.Equal(
            "DirectML (performance_preference=minimum_power, disable_metacommands=true)",
            ExecutionProvider.DirectMl(new DirectMlOptions { DeviceId = null, PreferLowPower = true, DisableMetacommands = true }).ToString());
        Assert.Equal(
            "CoreML (MLComputeUnits=CPUAndGPU, ModelFormat=MLProgram, RequireStaticInputShapes=1)",
            ExecutionProvider.CoreMlWith(new CoreMlOptions { ComputeUnits = CoreMlComputeUnits.CpuAndGpu, MlProgram = true, RequireStaticShapes = true }).ToString());
        Assert.Equal(
            "OpenVINO (device_type=GPU.1, precision=FP16, num_of_threads=4, num_streams=2)",
            ExecutionProvider.OpenVino(new OpenVinoOptions { Device = "GPU.1", Precision = "FP16", Threads = 4, Streams = 2 }).ToString());
        Assert.Equal(
            "WebGPU (preferredLayout=NCHW, powerPreference=low-power, enableInt64=1)",
            ExecutionProvider.WebGpuWith(new WebGpuOptions { PreferNchw = true, PreferLowPower = true, Int64 = true }).ToString());
    }

    [Fact]
    public void Equals_OptionsThatSayTheSame_IsTrue()
    {
        Assert.Equal(ExecutionProvider.Cuda(2), ExecutionProvider.Cuda(new CudaOptions { DeviceId = 2 }));
        Assert.Equal(ExecutionProvider.WebGpu, ExecutionProvider.WebGpuWith(new WebGpuOptions()));
        Assert.Equal(ExecutionProvider.CoreMl, ExecutionProvider.CoreMlWith(new CoreMlOptions()));
        Assert.NotEqual(ExecutionProvider.WebGpu, ExecutionProvider.WebGpuWith(new WebGpuOptions { PreferNchw = true }));
        Assert.Equal(
            ExecutionProvider.Cuda(new CudaOptions { Additional = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } }),
            ExecutionProvider.Cuda(new CudaOptions { Additional = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" } }));
        Assert.Equal(ExecutionProvider.PlugIn("A", "/x"), ExecutionProvider.PlugIn("AExecutionProvider", "/x"));
        Assert.NotEqual(ExecutionProvider.PlugIn("A", "/x"), ExecutionProvider.PlugIn("A", "/y"));
        Assert.NotEqual(ExecutionProvider.PlugIn("A", "/x"), ExecutionProvider.PlugIn(new PlugInOptions("A", "/x") { Device = PlugInDevice.Npu }));
    }

    [Theory]
    [InlineData("trt_engine_cache_enable")]
    [InlineData("trt_engine_cache_path")]
    [InlineData("trt_engine_cache_prefix")]
    [InlineData("trt_timing_cache_path")]
    [InlineData("trt_force_timing_cache")]
    [InlineData("trt_dump_subgraphs")]
    [InlineData("trt_dump_ep_context_model")]
    [InlineData("trt_ep_context_file_path")]
    [InlineData("trt_ep_context_embed_mode")]
    [InlineData("trt_onnx_model_folder_path")]
    [InlineData("trt_engine_decryption_lib_path")]
    [InlineData("trt_int8_calibration_table_name")]
    [InlineData("tunable_op_dump_path")]
    [InlineData("ModelCacheDirectory")]
    [InlineData("cache_dir")]
    [InlineData("CACHE_DIR")]
    [InlineData("load_config")]
    [InlineData("blob_dump_path")]
    [InlineData("enablePIXCapture")]
    [InlineData("ep.context_enable")]
    [InlineData("ep.context_file_path")]
    [InlineData("nv_runtime_cache_path")]
    [InlineData("profiling_level")]
    [InlineData("profiling_file_path")]
    [InlineData("json_qnn_graph_dir")]
    [InlineData("migraphx_save_compiled_model")]
    public void Additional_SettingThatLeadsToAFile_IsRefusedByEveryProvider(string name)
    {
        var additional = Map(name, "1");
        Action[] makers =
        [
            () => ExecutionProvider.Cuda(new CudaOptions { Additional = additional }),
            () => ExecutionProvider.TensorRt(new TensorRtOptions { Additional = additional }),
            () => ExecutionProvider.DirectMl(new DirectMlOptions { Additional = additional }),
            () => ExecutionProvider.CoreMlWith(new CoreMlOptions { Additional = additional }),
            () => ExecutionProvider.OpenVino(new OpenVinoOptions { Additional = additional }),
            () => ExecutionProvider.WebGpuWith(new WebGpuOptions { Additional = additional }),
            () => ExecutionProvider.PlugIn(new PlugInOptions("A", "/x") { Additional = additional }),
        ];

        Assert.All(makers, make => Assert.Contains($"'{name}' is refused", Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("trt_profile_min_shapes")]
    [InlineData("trt_context_memory_sharing_enable")]
    [InlineData("trt_cuda_graph_enable")]
    [InlineData("storageBufferCacheMode")]
    [InlineData("enableGraphCapture")]
    [InlineData("arena_extend_strategy")]
    [InlineData("htp_performance_mode")]
    public void Additional_SettingOfMemoryAndSpeed_IsTaken(string name) =>
        Assert.Contains(name, ExecutionProvider.PlugIn(new PlugInOptions("A", "/x") { Additional = Map(name, "1") }).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Additional_SettingThatAPropertyGives_IsRefused() =>
        Assert.Contains("Use that property", Assert.Throws<ArgumentException>(() => ExecutionProvider.Cuda(new CudaOptions { Additional = Map("device_id", "1") })).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_OutOfRange_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ExecutionProvider.Cuda(new CudaOptions { MemoryLimit = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExecutionProvider.TensorRt(new TensorRtOptions { BuilderOptimizationLevel = 6 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExecutionProvider.OpenVino(new OpenVinoOptions { Threads = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExecutionProvider.CoreMlWith(new CoreMlOptions { ComputeUnits = (CoreMlComputeUnits)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExecutionProvider.PlugIn(new PlugInOptions("A", "/x") { DeviceIndex = -1 }));
        Assert.Throws<ArgumentException>(() => ExecutionProvider.DirectMl(new DirectMlOptions { PreferLowPower = true }));
        Assert.Throws<ArgumentException>(() => ExecutionProvider.PlugIn("CPUExecutionProvider", "/x"));
        Assert.Throws<ArgumentException>(() => ExecutionProvider.PlugIn("", "/x"));
    }

    [Fact]
    public void IsGpu_ByTheChosenDevice()
    {
        Assert.False(ExecutionProvider.CoreMlWith(new CoreMlOptions { ComputeUnits = CoreMlComputeUnits.CpuOnly }).IsGpu);
        Assert.False(ExecutionProvider.PlugIn(new PlugInOptions("A", "/x") { Device = PlugInDevice.Cpu }).IsGpu);
        Assert.True(ExecutionProvider.PlugIn("A", "/x").IsGpu);
    }

    private static Dictionary<string, string> Map(string name, string value) => new() { [name] = value };
}
