return await Fairlead.Proxy.Bootstrap.EntryPoint.RunAsync(args);
