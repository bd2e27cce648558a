using Coffer.Cli;

return await CofferTool.RunAsync(args, ToolHost.FromConsole());
