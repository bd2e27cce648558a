using System.Text;

namespace Coffer.Text;

/// <summary>What a SentencePiece .model file says (sentencepiece_model.proto), with that format's defaults.</summary>
internal sealed class SentencePieceModel
{
    // Values of sentencepiece_model.proto.
    public const int Unigram = 1;
    public const int Bpe = 2;
    public const int Normal = 1;
    public const int Unknown = 2;
    public const int Control = 3;
    public const int UserDefined = 4;
    public const int Unused = 5;
    public const int Byte = 6;

    private readonly List<(string Text, float Score, int Type)> _pieces = [];

    private SentencePieceModel()
    {
    }

    public IReadOnlyList<(string Text, float Score, int Type)> Pieces => _pieces;

    public int ModelType { get; private set; } = Unigram;

    public bool HasByteFallback { get; private set; }

    public bool PutsSpaceLast { get; private set; }

    public int BeginId { get; private set; } = 1;

    public int EndId { get; private set; } = 2;

    public int PaddingId { get; private set; } = -1;

    public byte[] CharsMap { get; private set; } = [];

    public bool AddsDummyPrefix { get; private set; } = true;

    public bool RemovesExtraSpaces { get; private set; } = true;

    public bool EscapesSpaces { get; private set; } = true;

    /// <exception cref="TokenizerException">It is cut off or too large.</exception>
    public static SentencePieceModel Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > TokenizerJson.MaxBytes)
        {
            throw new TokenizerException(TokenizerError.TooLarge, $"The SentencePiece model has {file.Length} bytes; at most {TokenizerJson.MaxBytes} are read.");
        }

        var model = new SentencePieceModel();
        var reader = new ProtobufReader(file);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    model.AddPiece(reader.Bytes);
                    break;
                case 2:
                    model.ReadTrainer(reader.Bytes);
                    break;
                case 3:
                    model.ReadNormalizer(reader.Bytes);
                    break;
            }
        }

        return model;
    }

    private void AddPiece(ReadOnlySpan<byte> message)
    {
        var (text, score, type) = (string.Empty, 0F, Normal);
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    text = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 2:
                    score = reader.Single;
                    break;
                case 3:
                    type = reader.Integer;
                    break;
            }
        }

        _pieces.Add(float.IsFinite(score) ? (text, score, type) : throw new TokenizerException(TokenizerError.Malformed, $"The SentencePiece model gives the piece '{TokenizerJson.Quote(text)}' a score that is no number. Give the file that came with the model."));
    }

    private void ReadTrainer(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 3:
                    ModelType = reader.Integer;
                    break;
                case 24:
                    PutsSpaceLast = reader.Flag;
                    break;
                case 35:
                    HasByteFallback = reader.Flag;
                    break;
                case 41:
                    BeginId = reader.Integer;
                    break;
                case 42:
                    EndId = reader.Integer;
                    break;
                case 43:
                    PaddingId = reader.Integer;
                    break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 2:
                    CharsMap = reader.Bytes.ToArray();
                    break;
                case 3:
                    AddsDummyPrefix = reader.Flag;
                    break;
                case 4:
                    RemovesExtraSpaces = reader.Flag;
                    break;
                case 5:
                    EscapesSpaces = reader.Flag;
                    break;
            }
        }
    }
}
