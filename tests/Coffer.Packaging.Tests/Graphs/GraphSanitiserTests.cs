using System.Text;

namespace Coffer.Packaging.Tests;

public sealed class GraphSanitiserTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sanitise_SecretsInEveryField_AreGoneAndOutputsUnchanged()
    {
        var path = Speaking().Save(_folder.File("model.onnx"));
        Assert.True(Occurrences(File.ReadAllBytes(path)) > 30);

        var packed = TestModel.Pack(path, GraphProofOptions.Default);

        Assert.Equal(0, Occurrences(packed.Graph));
        Assert.Equal(2, packed.Proof!.Samples);
    }

    [Fact]
    public void Sanitise_InputsAndOutputs_KeepNamesTypesAndSymbols()
    {
        var model = Speaking();
        var (inputs, outputs) = (model.Graph.Input.Select(value => (value.Name, value.Type)).ToArray(), model.Graph.Output.Select(value => (value.Name, value.Type)).ToArray());

        GraphSanitiser.Sanitise(model, []);

        Assert.Equal(inputs, model.Graph.Input.Select(value => (value.Name, value.Type)));
        Assert.Equal(outputs, model.Graph.Output.Select(value => (value.Name, value.Type)));
        Assert.Equal("batch", model.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam);
    }

    [Fact]
    public void Sanitise_MetadataOnTheAllowList_Stays()
    {
        var model = Speaking();
        model.MetadataProps.Add(Entry("stride", "8"));

        GraphSanitiser.Sanitise(model, ["stride"]);

        Assert.Equal([Entry("stride", "8")], model.MetadataProps);
    }

    [Fact]
    public void Sanitise_WhatNothingUses_IsRemoved()
    {
        var model = Speaking();

        GraphSanitiser.Sanitise(model, []);

        Assert.Equal(["weight", "captured", "default"], model.Graph.Initializer.Select(tensor => tensor.Name));
        Assert.Equal(["used", "below"], model.Functions.Select(function => function.Name));
        Assert.Equal(["hidden"], model.Graph.ValueInfo.Select(value => value.Name));
    }

    [Fact]
    public void Sanitise_InitializerThatIsAnInput_StaysItsDefault()
    {
        var model = Speaking();

        GraphSanitiser.Sanitise(model, []);

        Assert.Contains("default", model.Graph.Input.Select(value => value.Name));
        Assert.Contains("default", model.Graph.Initializer.Select(tensor => tensor.Name));
    }

    private const string Secret = "SECRET-/home/ada/train.py";

    /// <summary>A model with a subgraph, a function that calls another, and the secret in every field that packing must empty.</summary>
    private static ModelProto Speaking()
    {
        var captured = TestModel.Floats("captured", 1, 2, 3, 4);
        var graph = new GraphProto
        {
            Name = Secret,
            DocString = Secret,
            Input = { TestModel.Value("x", OnnxDataType.Float32, "batch", 4), TestModel.Value("condition", OnnxDataType.Bool), TestModel.Value("default", OnnxDataType.Float32, 4) },
            Output = { TestModel.Value("y", OnnxDataType.Float32, "batch", 4) },
            Initializer = { TestModel.Floats("weight", 4, 3, 2, 1), captured, TestModel.Floats("default", 1, 1, 1, 1), TestModel.Floats(Secret, new float[64]) },
            ValueInfo = { TestModel.Value("hidden", OnnxDataType.Float32, "batch", 4), TestModel.Value(Secret, OnnxDataType.Float32, 4), TestModel.Value("weight", OnnxDataType.Float32, 4) },
            MetadataProps = { Entry(Secret, Secret) },
            QuantizationAnnotation = { new TensorAnnotation { TensorName = Secret, QuantParameterTensorNames = { Entry("SCALE_TENSOR", Secret) } } },
        };
        graph.Node.Add(TestModel.Node("Mul", ["x", "weight"], ["hidden"]));
        graph.Node.Add(TestModel.Node("If", ["condition"], ["branched"],
            new AttributeProto { Name = "then_branch", Type = 5, G = Branch("Add") }, new AttributeProto { Name = "else_branch", Type = 5, G = Branch("Sub") }));
        graph.Node.Add(new NodeProto { OpType = "used", Domain = "local", Input = { "branched", "default" }, Output = { "y" } });

        var model = TestModel.Of(graph);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        (model.ProducerName, model.ProducerVersion, model.Domain, model.ModelVersion, model.DocString) = (Secret, Secret, Secret, 42, Secret);
        model.MetadataProps.Add(Entry("author", Secret));
        model.TrainingInfo.Add(new TrainingInfoProto { Algorithm = new GraphProto { Name = Secret } });
        model.Configuration.Add(new DeviceConfigurationProto { Name = Secret, NumDevices = 1, Device = { Secret } });
        model.Functions.Add(Function("used", TestModel.Node("Add", ["a", "b"], ["sum"]), new NodeProto { OpType = "below", Domain = "local", Input = { "sum", "b" }, Output = { "c" } }));
        model.Functions.Add(Function("below", TestModel.Node("Sub", ["a", "b"], ["c"])));
        model.Functions.Add(Function("unused", TestModel.Node("Relu", ["a"], ["c"])));
        foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Concat(model.Functions.SelectMany(function => function.ValueInfo)))
        {
            value.DocString = Secret;
            value.MetadataProps.Add(Entry(Secret, Secret));
        }

        foreach (var tensor in model.AllGraphs().SelectMany(inner => inner.Initializer).Concat(model.AttributeTensors()))
        {
            tensor.DocString = Secret;
            tensor.MetadataProps.Add(Entry(Secret, Secret));
        }

        foreach (var attribute in model.AllAttributes())
        {
            attribute.DocString = Secret;
        }

        foreach (var (i, node) in model.AllNodes().Index())
        {
            (node.Name, node.DocString) = ($"{Secret}:{i}", Secret);
            node.MetadataProps.Add(Entry(Secret, Secret));
            node.DeviceConfigurations.Add(new NodeDeviceConfigurationProto { ConfigurationId = Secret });
        }

        return model;

        static GraphProto Branch(string type)
        {
            var branch = new GraphProto { Name = Secret, DocString = Secret, Output = { TestModel.Value("out", OnnxDataType.Float32, "batch", 4) } };
            branch.Initializer.Add(TestModel.Floats("scale", 2, 2, 2, 2));
            branch.ValueInfo.Add(TestModel.Value("scaled", OnnxDataType.Float32, "batch", 4));
            branch.ValueInfo[0].DocString = Secret;
            branch.MetadataProps.Add(Entry(Secret, Secret));
            branch.Node.Add(TestModel.Node("Constant", [], ["one"], new AttributeProto { Name = "value", Type = 4, T = TestModel.Floats(Secret, 1, 1, 1, 1) }));
            branch.Node.Add(TestModel.Node("Mul", ["hidden", "scale"], ["scaled"]));
            branch.Node.Add(TestModel.Node("Mul", ["scaled", "one"], ["again"]));
            branch.Node.Add(TestModel.Node(type, ["again", "captured"], ["out"]));
            return branch;
        }

        static FunctionProto Function(string name, params NodeProto[] nodes) => new()
        {
            Name = name,
            Domain = "local",
            DocString = Secret,
            Input = { "a", "b" },
            Output = { "c" },
            Node = { nodes },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 23 }, new OperatorSetIdProto { Domain = "local", Version = 1 } },
            ValueInfo = { TestModel.Value("sum", OnnxDataType.Float32, "batch", 4) },
            MetadataProps = { Entry(Secret, Secret) },
        };
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    private static int Occurrences(byte[] bytes)
    {
        var (count, secret) = (0, Encoding.UTF8.GetBytes(Secret));
        for (var start = 0; bytes.AsSpan(start).IndexOf(secret) is >= 0 and var found; count++)
        {
            start += found + secret.Length;
        }

        return count;
    }
}
