namespace Coffer.Text;

/// <summary>Words before a number that say what it is, where its form alone does not.</summary>
internal static class Words
{
    public static readonly WordList Phone = new(
    [
        "tel", "telephone", "telefon", "telefoon", "telefono", "teléfono", "telefone", "téléphone", "phone", "mobile", "mobil", "móvil", "mobiel", "cell", "cellphone", "handy", "call", "fax", "sms",
        "whatsapp", "signal", "puhelin", "puh", "ring", "rufnummer", "durchwahl", "numéro", "celular", "cellulare", "тел", "телефон", "电话", "手机", "電話", "携帯", "전화", "फोन", "هاتف",
    ]);

    public static readonly WordList Id = new(
    [
        "ssn", "social security", "sin", "social insurance", "tax id", "tax number", "tin", "national id", "national insurance", "id number", "personal number", "identity",
        "steuer-id", "steuer-idnr", "idnr", "steueridentifikationsnummer", "identifikationsnummer", "sozialversicherungsnummer", "nir", "sécurité sociale", "numéro fiscal", "dni", "nie", "nif", "codice fiscale",
        "bsn", "burgerservicenummer", "rijksregisternummer", "registre national", "pesel", "personnummer", "personnr", "cpr", "hetu", "henkilötunnus", "fødselsnummer", "contribuinte", "cpf", "aadhaar", "aadhar", "tfn",
        "身份证", "주민등록번호", "マイナンバー", "ahv", "avs", "svnr",
    ]);

    private static readonly string[] Version = ["v", "version", "ver", "release", "build", "firmware", "§", "section", "chapter", "kapitel", "версия", "versión", "versão", "versione"];

    /// <summary>Whether the number right after such a word is a version or a section.</summary>
    public static bool IsVersion(ReadOnlySpan<char> text, int at)
    {
        var before = text[Math.Max(0, at - 12)..at].TrimEnd(" .:=");
        foreach (var word in Version)
        {
            if (before.EndsWith(word, StringComparison.OrdinalIgnoreCase) && (before.Length == word.Length || !char.IsLetter(before[^(word.Length + 1)])))
            {
                return true;
            }
        }

        return false;
    }
}
