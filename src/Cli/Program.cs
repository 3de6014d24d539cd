Console.WriteLine("hufu");
