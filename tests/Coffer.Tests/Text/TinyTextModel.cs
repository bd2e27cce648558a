using System.Text.Json.Nodes;
using Coffer.Tests.Onnx;

namespace Coffer.Tests.Text;

/// <summary>
/// A text classifier in Hugging Face's layout with seeded weights, and the same sums in C#: embeddings of tokens and types, tanh, the mean
/// over the mask, a linear layer.
/// </summary>
internal sealed class TinyTextModel
{
    /// <summary>A word whose embedding is not a number.</summary>
    public const string Poison = "poison";

    public const int Hidden = 6;

    public const int MaxLength = 12;

    private static readonly string[] Vocabulary =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "quiet", "lovely", "film", "dull", "loud", "noise", "and", "it", "was", "##ly", "##er", ".", ",", "!", Poison, "the", "story", "never", "ends", "e", "n", "d", "##s",
    ];

    private readonly float[] _words;
    private readonly float[] _types;
    private readonly float[] _weights;
    private readonly float[] _bias;

    public TinyTextModel(int classes = 3, int seed = 7)
    {
        var random = new Random(seed);
        Classes = classes;
        _words = Numbers(random, VocabularySize * Hidden);
        _types = Numbers(random, 2 * Hidden);
        _weights = Numbers(random, Hidden * classes);
        _bias = Numbers(random, classes);
        Array.Fill(_words, float.NaN, Array.IndexOf(Vocabulary, Poison) * Hidden, Hidden);
    }

    public static int VocabularySize => Vocabulary.Length;

    public static string[] Labels { get; } = ["calm", "busy", "sad"];

    public int Classes { get; }

    /// <summary>The number of a token.</summary>
    public static int Id(string token) => Array.IndexOf(Vocabulary, token);

    /// <summary>The graph's files by name, without the graph.</summary>
    /// <param name="edit">Changes config.json.</param>
    public Dictionary<string, ReadOnlyMemory<byte>> Files(Action<JsonObject>? edit = null)
    {
        var config = new JsonObject
        {
            ["model_type"] = "bert",
            ["architectures"] = new JsonArray("BertForSequenceClassification"),
            ["vocab_size"] = VocabularySize,
            ["max_position_embeddings"] = MaxLength,
            ["pad_token_id"] = 0,
            ["id2label"] = new JsonObject(Enumerable.Range(0, Classes).Select(i => KeyValuePair.Create<string, JsonNode?>($"{i}", Labels[i]))),
        };
        edit?.Invoke(config);
        return new(StringComparer.Ordinal)
        {
            ["config.json"] = Utf8(config),
            ["tokenizer.json"] = Utf8(TokenizerJson()),
            ["tokenizer_config.json"] = Utf8(new JsonObject
            {
                ["tokenizer_class"] = "BertTokenizer",
                ["pad_token"] = "[PAD]",
                ["unk_token"] = "[UNK]",
                ["cls_token"] = "[CLS]",
                ["sep_token"] = "[SEP]",
            }),
        };
    }

    /// <summary>Writes the folder that an exporter would: configuration at the top, <c>onnx/model.onnx</c>.</summary>
    public string Write(string folder, Action<JsonObject>? edit = null)
    {
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        foreach (var (name, bytes) in Files(edit))
        {
            File.WriteAllBytes(Path.Combine(folder, name), bytes.ToArray());
        }

        File.WriteAllBytes(Path.Combine(folder, "onnx", "model.onnx"), Graph());
        return folder;
    }

    /// <summary>The graph.</summary>
    /// <param name="type">Of the tokens: int64 or int32.</param>
    /// <param name="batch">The first dimension of the inputs: a number or a symbol.</param>
    /// <param name="length">The second.</param>
    /// <param name="masked">Whether it takes a mask; without, every token counts.</param>
    /// <param name="typed">Whether it takes token types.</param>
    public byte[] Graph(int type = TinyModel.Int64Type, object? batch = null, object? length = null, bool masked = true, bool typed = true)
    {
        var (b, s) = (batch ?? "batch_size", length ?? "sequence_length");
        var names = new List<string> { "input_ids" };
        var nodes = new List<ProtoWriter> { TinyModel.Node("Gather", "words input_ids", "w") };
        if (typed)
        {
            names.Add("token_type_ids");
            nodes.Add(TinyModel.Node("Gather", "types token_type_ids", "t"));
            nodes.Add(TinyModel.Node("Add", "w t", "e"));
        }

        nodes.Add(TinyModel.Node("Tanh", typed ? "e" : "w", "h"));
        if (masked)
        {
            names.Add("attention_mask");
            nodes.AddRange(
            [
                TinyModel.Node("Cast", "attention_mask", "m", TinyModel.Attribute("to", TinyModel.FloatType)),
                TinyModel.Node("Unsqueeze", "m two", "m3"),
                TinyModel.Node("Mul", "h m3", "masked"),
                TinyModel.Node("ReduceSum", "masked one", "sum", TinyModel.Attribute("keepdims", 0)),
                TinyModel.Node("ReduceSum", "m one", "count", TinyModel.Attribute("keepdims", 1)),
                TinyModel.Node("Max", "count least", "divisor"),
                TinyModel.Node("Div", "sum divisor", "mean"),
            ]);
        }
        else
        {
            nodes.Add(TinyModel.Node("Transpose", "h", "turned", Permutation(0, 2, 1)));
            nodes.Add(TinyModel.Node("GlobalAveragePool", "turned", "pooled"));
            nodes.Add(TinyModel.Node("Squeeze", "pooled two", "mean"));
        }

        nodes.Add(TinyModel.Node("MatMul", "mean weights", "product"));
        nodes.Add(TinyModel.Node("Add", "product bias", "logits"));
        return TinyModel.Create(
            nodes,
            names.Select(name => TinyModel.Value(name, type, b, s)),
            [TinyModel.Value("logits", TinyModel.FloatType, b, Classes)],
            TinyModel.Initializer("words", TinyModel.FloatType, _words, VocabularySize, Hidden),
            TinyModel.Initializer("types", TinyModel.FloatType, _types, 2, Hidden),
            TinyModel.Initializer("weights", TinyModel.FloatType, _weights, Hidden, Classes),
            TinyModel.Initializer("bias", TinyModel.FloatType, _bias, Classes),
            TinyModel.Initializer("least", TinyModel.FloatType, [1f], 1),
            TinyModel.Initializer("one", TinyModel.Int64Type, [1L], 1),
            TinyModel.Initializer("two", TinyModel.Int64Type, [2L], 1));
    }

    /// <summary>What the graph gives for words of the vocabulary, without a tokenizer.</summary>
    public double[] Logits(string tokens, string types, bool typed = true)
    {
        int[] ids = [.. tokens.Split(' ').Select(token => Array.IndexOf(Vocabulary, token))];
        int[] segments = [.. types.Split(' ').Select(int.Parse)];
        var mean = new double[Hidden];
        for (var i = 0; i < ids.Length; i++)
        {
            for (var h = 0; h < Hidden; h++)
            {
                mean[h] += Math.Tanh(_words[(ids[i] * Hidden) + h] + (typed ? _types[(segments[i] * Hidden) + h] : 0)) / ids.Length;
            }
        }

        return [.. Enumerable.Range(0, Classes).Select(c => _bias[c] + Enumerable.Range(0, Hidden).Sum(h => mean[h] * _weights[(h * Classes) + c]))];
    }

    private static ProtoWriter Permutation(params long[] axes)
    {
        var attribute = new ProtoWriter().Text(1, "perm");
        foreach (var axis in axes)
        {
            attribute.Int(8, axis);
        }

        return attribute.Int(20, 7);
    }

    private static JsonObject TokenizerJson() => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. Vocabulary.Take(4).Select((token, id) => new JsonObject
        {
            ["id"] = id,
            ["content"] = token,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        })]),
        ["normalizer"] = new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = true },
        ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
        ["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Special("[CLS]", 0), Sequence("A", 0), Special("[SEP]", 0)),
            ["pair"] = new JsonArray(Special("[CLS]", 0), Sequence("A", 0), Special("[SEP]", 0), Sequence("B", 1), Special("[SEP]", 1)),
            ["special_tokens"] = new JsonObject { ["[CLS]"] = SpecialToken("[CLS]", 2), ["[SEP]"] = SpecialToken("[SEP]", 3) },
        },
        ["decoder"] = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true },
        ["model"] = new JsonObject
        {
            ["type"] = "WordPiece",
            ["unk_token"] = "[UNK]",
            ["continuing_subword_prefix"] = "##",
            ["max_input_chars_per_word"] = 100,
            ["vocab"] = new JsonObject(Vocabulary.Select((token, id) => KeyValuePair.Create<string, JsonNode?>(token, id))),
        },
    };

    private static JsonObject Special(string token, int type) => new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = type } };

    private static JsonObject Sequence(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };

    private static JsonObject SpecialToken(string token, int id) => new() { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) };

    private static byte[] Utf8(JsonObject json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 3) - 1.5))];
}
