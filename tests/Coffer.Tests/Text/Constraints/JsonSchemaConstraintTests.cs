using System.Text.Json;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class JsonSchemaConstraintTests(ITestOutputHelper output)
{
    private static readonly Tokenizer Bytes = ConstraintVocabularies.ByteLevel(
        Enumerable.Range(0, 256).Select(value => (byte)value), "{\"", "\":", "\": ", ",\"", "\"}", "[]", "}]", "true", "null", "12", "ab", "é", "\\u", "\\n", "name", "\",\"");

    private static readonly Tokenizer Pieces = ConstraintVocabularies.ByteFallback("{", "}", "[", "]", "\"", ":", ",", "▁", "1", "0", "tr", "ue", "a", "▁\"", "{\"", "日本");

    public static TheoryData<string> Schemas =>
    [
        """{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":8},"age":{"type":"integer"},"tags":{"type":"array","items":{"type":"string","maxLength":3},"maxItems":3}},"required":["name","age"],"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"null"},"c":{"type":"number"}}}""",
        """{"type":"object","properties":{"a":{"type":"boolean"},"b":{"const":1},"c":{"const":"x"}},"required":["b"]}""",
        """{"type":"object","properties":{"a b\"\\é\n":{"enum":["q\"\\\né😀",[1,{"k":null}],{"x":[true]},2.50,null]}},"required":["a b\"\\é\n"]}""",
        """{"type":"object","properties":{},"additionalProperties":false}""",
        """{"type":"object","additionalProperties":{"type":"integer"}}""",
        """{"type":"array","items":{"type":"number"},"minItems":2,"maxItems":5}""",
        """{"type":"array","items":{"type":"boolean"},"maxItems":0}""",
        """{"type":"array","items":{"type":["string","null"],"maxLength":2},"minItems":1}""",
        """{"type":"string","pattern":"^[A-Z]{2}-\\d{3}$"}""",
        """{"type":"string","pattern":"^[\"\\\\\\n\\x01a]{1,6}$"}""",
        """{"type":"string","pattern":"[b-f]+|7"}""",
        """{"type":"string","pattern":"^x|y$"}""",
        """{"type":"string","minLength":2,"maxLength":4}""",
        """{"type":"string","format":"date"}""",
        """{"type":"string","format":"date-time"}""",
        """{"type":"string","format":"uuid"}""",
        """{"type":"integer"}""",
        """{"type":"number"}""",
        """{"type":["integer","string"],"enum":[1,"a",null,true]}""",
        """{"anyOf":[{"type":"integer"},{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"],"additionalProperties":false}]}""",
        """{"oneOf":[{"const":"left"},{"const":"right"},{"type":"boolean"}]}""",
        """{"$defs":{"node":{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array","items":{"$ref":"#/$defs/node"},"maxItems":2}},"required":["value"],"additionalProperties":false}},"$ref":"#/$defs/node"}""",
        """{"$defs":{"expr":{"anyOf":[{"type":"integer"},{"type":"array","items":{"$ref":"#/$defs/expr"},"minItems":1,"maxItems":2}]}},"type":"object","properties":{"e":{"$ref":"#/$defs/expr"}},"required":["e"]}""",
        """{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["next"],"title":"list","description":"a list"}""",
        """{"properties":{"a":{"pattern":"^z$"}},"required":["a"]}""",
        "true",
        "{}",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Process_RandomChoices_EveryTextIsJsonOfTheSchema(string schema)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        using var parsed = JsonDocument.Parse(schema);
        var check = new SchemaCheck(parsed.RootElement);
        var constraint = new JsonSchemaConstraint(schema);
        foreach (var tokenizer in new[] { Bytes, Pieces })
        {
            var sampler = new ConstrainedSampler(ConstraintVocabularies.Context(tokenizer), new Random(seed));
            for (var i = 0; i < 10; i++)
            {
                var text = sampler.Generate(constraint, 200_000);
                using var value = JsonDocument.Parse(text, new() { MaxDepth = 33 });
                Assert.True(check.Holds(value.RootElement), $"{text} is not of {schema} (seed {seed})");
            }
        }
    }

    // Every beginning of every text of a small language, each token: the texts are written out here.
    [Fact]
    public void Process_SmallSchema_MaskEqualsBruteForce()
    {
        const string Schema = """{"type":"object","properties":{"a":{"type":"boolean"},"b":{"enum":[1,"x",12]},"c":{"type":"array","items":{"const":0},"maxItems":2}},"required":["b"]}""";
        string[] colons = [":", ": "];
        string[] commas = [",", ", "];
        string[] Members(string name, params string[] values) => [.. colons.SelectMany(colon => values.Select(value => $"\"{name}\"{colon}{value}"))];
        string[] first = ["", .. Members("a", "true", "false").SelectMany(member => commas.Select(comma => member + comma))];
        string[] last = ["", .. commas.SelectMany(comma => Members("c", "[]", "[0]", "[0,0]", "[0, 0]").Select(member => comma + member))];
        var language = first.SelectMany(a => Members("b", "1", "\"x\"", "12").SelectMany(b => last.Select(c => "{" + a + b + c + "}"))).ToHashSet(StringComparer.Ordinal);
        var beginnings = language.SelectMany(text => Enumerable.Range(0, text.Length + 1).Select(length => text[..length])).ToHashSet(StringComparer.Ordinal);
        var tokenizer = ConstraintVocabularies.ByteLevel("{}[]\":, abctruefls012x"u8.ToArray().Distinct(), "{\"", "\":", "\": ", ", \"", "true", "1}", "12", "0]", "\"x\"");
        var context = ConstraintVocabularies.Context(tokenizer);
        var constraint = new JsonSchemaConstraint(Schema);
        var processor = constraint.Begin(context);
        var texts = Enumerable.Range(0, tokenizer.VocabularySize).Select(id => id == context.EndOfSequence[0] ? null : tokenizer.Decode([id], new() { CleanUpTokenizationSpaces = false })).ToArray();

        foreach (var beginning in beginnings)
        {
            int[] ids = [0, 0, .. beginning.Select(c => Array.IndexOf(texts, c.ToString()))];
            var expected = Enumerable.Range(0, texts.Length).Where(id => texts[id] is { } token ? beginnings.Contains(beginning + token) : language.Contains(beginning));

            Assert.Equal(expected, ConstrainedSampler.Allowed(processor, ids, context.VocabularySize));
        }

        output.WriteLine($"{language.Count} texts, {beginnings.Count} beginnings");
    }

    [Theory]
    [InlineData("""{"type":"integer","minimum":1}""", "minimum")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "uniqueItems")]
    [InlineData("""{"type":"array","prefixItems":[]}""", "prefixItems")]
    [InlineData("""{"type":"object","patternProperties":{}}""", "patternProperties")]
    [InlineData("""{"allOf":[]}""", "allOf")]
    [InlineData("""{"not":{}}""", "not")]
    [InlineData("""{"if":{}}""", "if")]
    [InlineData("""{"anyOf":[true],"type":"string"}""", "type")]
    [InlineData("""{"$ref":"other.json"}""", "other.json")]
    [InlineData("""{"type":"string","format":"email"}""", "email")]
    [InlineData("""{"type":"object","required":["zebra"]}""", "zebra")]
    [InlineData("""{"type":"object","properties":{"x":{"multipleOf":2}}}""", "multipleOf")]
    public void Constructor_UnsupportedKeyword_NamesIt(string schema, string name)
    {
        var e = Assert.Throws<ConstraintException>(() => new JsonSchemaConstraint(schema));

        Assert.Equal(ConstraintError.UnsupportedKeyword, e.Error);
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", ConstraintError.InvalidSchema)]
    [InlineData("[]", ConstraintError.InvalidSchema)]
    [InlineData("""{"type":"text"}""", ConstraintError.InvalidSchema)]
    [InlineData("""{"type":1}""", ConstraintError.InvalidSchema)]
    [InlineData("""{"enum":1}""", ConstraintError.InvalidSchema)]
    [InlineData("""{"$ref":"#/$defs/none"}""", ConstraintError.InvalidSchema)]
    [InlineData("""{"type":"string","minLength":-1}""", ConstraintError.InvalidSchema)]
    [InlineData("false", ConstraintError.Unsatisfiable)]
    [InlineData("""{"enum":[]}""", ConstraintError.Unsatisfiable)]
    [InlineData("""{"type":"string","enum":[1,2]}""", ConstraintError.Unsatisfiable)]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", ConstraintError.Unsatisfiable)]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", ConstraintError.Unsatisfiable)]
    [InlineData("""{"$ref":"#"}""", ConstraintError.Unsatisfiable)]
    [InlineData("""{"type":"string","minLength":100000}""", ConstraintError.LimitExceeded)]
    public void Constructor_SchemaThatCantBe_ThrowsTyped(string schema, ConstraintError error) =>
        Assert.Equal(error, Assert.Throws<ConstraintException>(() => new JsonSchemaConstraint(schema)).Error);

    [Fact]
    public void Constructor_DepthBelowWhatTheSchemaNeeds_ThrowsUnsatisfiable()
    {
        using var schema = JsonDocument.Parse("""{"type":"array","minItems":1,"items":{"type":"array","minItems":1,"items":{"type":"array"}}}""");

        Assert.Equal(ConstraintError.Unsatisfiable, Assert.Throws<ConstraintException>(() => new JsonSchemaConstraint(schema.RootElement, maxDepth: 2)).Error);
        using var value = JsonDocument.Parse(new ConstrainedSampler(ConstraintVocabularies.Context(Bytes), new Random(1)).Generate(new JsonSchemaConstraint(schema.RootElement, maxDepth: 3), 100_000));
        Assert.Equal(JsonValueKind.Array, value.RootElement[0][0].ValueKind);
    }

    // A vocabulary of children's stories: it has no braces.
    [Fact]
    public void Predict_LanguageModelUnderConstraints_KeepsThem()
    {
        using var model = new TinyStories();
        var schema = new JsonSchemaConstraint("""{"anyOf":[{"type":"string","minLength":10,"maxLength":40},{"type":"integer"}]}""");
        var regex = new RegexConstraint("(Lily|Tim|Tom) (was|is) very (happy|sad)\\.( (She|He) [a-z ]{5,20}\\.)?");
        for (var seed = 0; seed < 5; seed++)
        {
            string Generate(OutputConstraint constraint) => model.Generator.Predict(
                TinyStories.Beginning, new() { MaxNewTokens = 120, Sample = true, Seed = seed, LogitsProcessors = [constraint] }, TestContext.Current.CancellationToken).Value.Text;

            var json = Generate(schema);
            var sentence = Generate(regex);
            output.WriteLine($"{json} | {sentence}");
            using var value = JsonDocument.Parse(json);
            Assert.True(value.RootElement.ValueKind == JsonValueKind.Number || value.RootElement.GetString()!.Length is >= 10 and <= 40, json);
            Assert.Matches($"\\A(?:{regex.Pattern})\\z", sentence);
        }
    }
}
