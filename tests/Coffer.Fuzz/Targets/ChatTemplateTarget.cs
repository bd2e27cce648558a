using System.Text;
using Coffer.Text;

namespace Coffer.Fuzz.Targets;

/// <summary>Chat templates: the input is read as one, and what can be read is rendered.</summary>
internal sealed class ChatTemplateTarget : IFuzzTarget
{
    private const string Turns = """
        {%- set ns = namespace(a=1) %}{% for m in messages if m.role != 'x' %}
          {%- if loop.first and m['content'] is string %}{{ bos_token ~ m.role | upper }}{% elif not m.content %}-{% else %}{{ m.content[1:-1] }}{% endif -%}
          {% set ns.a = ns.a + 1.5 %}
        {% else %}none{% endfor %}{{ ns.a }}{{ messages | tojson(indent=2) }}
        """;

    private const string Macros = """
        {% macro f(a, b='x') %}{{ a }}{{ caller(b) if caller else b }}{{ varargs }}{% endmacro %}{% call(c) f(1, *[2, 3]) %}{{ c }}{% endcall %}
        {% set x | trim %} y {% endset %}{% filter replace('a', 'b') %}{{ {'k': (1, 2.5e1), 'l': [none, true]} | dictsort }}{% endfilter %}{% raw %}{{ }}{% endraw %}{# c #}
        {% for k, v in {'a': 1}.items() %}{% if v is divisibleby 2 %}{% continue %}{% endif %}{% break %}{% endfor %}{% generation %}{{ strftime_now('%d %b %Y') }}{% endgeneration %}
        """;

    private static readonly ChatTurn[] Messages = [ChatTurn.System("s"), ChatTurn.User("Hello ö"), ChatTurn.Assistant(" a\nb ")];

    private static readonly ChatTemplateOptions Options = new() { MaxSteps = 20_000, MaxCharacters = 1 << 20 };

    public string Name => "chat-template";

    public IReadOnlyList<byte[]> Seeds => [Encoding.UTF8.GetBytes(Turns), Encoding.UTF8.GetBytes(Macros), "{{ 'a' * 3 ~ -1 ** 2 // 3 % 2 if x is not none and 1 < 2 <= 3 else 'b'.split(',')[0] }}"u8.ToArray()];

    public void Run(byte[] input)
    {
        try
        {
            ChatTemplate.Parse(Encoding.UTF8.GetString(input)).Render(Messages, Options);
        }
        catch (TextTemplateException)
        {
        }
    }
}
