using Coffer.Corpus;

// Writes tests/vectors/bundles again: dotnet run --project tests/Coffer.Corpus -- tests/vectors/bundles
if (args is not [var folder])
{
    Console.Error.WriteLine("Give the folder to write.");
    return 2;
}

CorpusWriter.Write(folder);
return 0;
