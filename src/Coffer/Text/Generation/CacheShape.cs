namespace Coffer.Text;

/// <summary>What config.json says about a key-value cache, for graphs that leave it open.</summary>
/// <param name="Heads">Of keys and values.</param>
/// <param name="HeadSize">Elements of a head.</param>
internal readonly record struct CacheShape(int? Heads, int? HeadSize)
{
    /// <summary>Reads the names that architectures give it.</summary>
    public static CacheShape Parse(GenerationConfig config)
    {
        var heads = config.Integer("num_attention_heads") ?? config.Integer("n_head") ?? config.Integer("decoder_attention_heads") ?? config.Integer("num_heads");
        var hidden = config.Integer("hidden_size") ?? config.Integer("n_embd") ?? config.Integer("d_model");
        var size = config.Integer("head_dim") ?? config.Integer("d_kv") ?? (heads > 0 && hidden is not null ? hidden / heads : null);
        return new CacheShape(config.Integer("num_key_value_heads") ?? heads, size);
    }
}
