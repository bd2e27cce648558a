using System.Text;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class ChatPromptTests
{
    private static readonly ChatTurn[] Messages = [ChatTurn.System("Tell stories."), ChatTurn.User("Once upon a time")];

    [Fact]
    public void FromMessages_ModelWithATemplate_GeneratesFromTheRenderedText()
    {
        using var model = new TinyStories(edit: files => files["chat_template.jinja"] = "{% for m in messages if m.role == 'user' %}{{ bos_token }}{{ m.content }}{% endfor %}"u8.ToArray());
        var options = new TextGeneratorOptions { MaxNewTokens = 10 };

        var prompt = TextPrompt.FromMessages(model.Generator.ChatTemplate, Messages);
        var generated = model.Generator.Predict(prompt, options, TestContext.Current.CancellationToken).Value;

        Assert.False(prompt.AddSpecialTokens);
        Assert.EndsWith("Once upon a time", prompt.Text, StringComparison.Ordinal);
        Assert.Equal(model.Generator.Predict(new TextPrompt(prompt.Text!, addSpecialTokens: false), options, TestContext.Current.CancellationToken).Value.Text, generated.Text);
    }

    [Fact]
    public void ChatTemplate_ModelWithoutOrWithAWrongOne_ThrowsTypedAndGeneratesStill()
    {
        using var without = new TinyStories();
        using var wrong = new TinyStories(edit: files => files["tokenizer_config.json"] = WithTemplate(files["tokenizer_config.json"], "{% if %}"));

        Assert.Equal(TextTemplateError.Missing, Assert.Throws<TextTemplateException>(() => without.Generator.ChatTemplate).Error);
        Assert.Equal(TextTemplateError.Syntax, Assert.Throws<TextTemplateException>(() => wrong.Generator.ChatTemplate).Error);
        Assert.NotEmpty(wrong.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 2 }, TestContext.Current.CancellationToken).Value.Text);
    }

    private static byte[] WithTemplate(ReadOnlyMemory<byte> config, string template)
    {
        var json = JsonNode.Parse(config.Span)!;
        json["chat_template"] = template;
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}
