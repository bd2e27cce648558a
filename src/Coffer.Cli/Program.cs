Console.WriteLine("coffer");
