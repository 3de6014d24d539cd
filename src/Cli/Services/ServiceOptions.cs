using System.CommandLine;

namespace Hufu.Cli;

/// <summary>The options of every command that runs the platform, under one name each.</summary>
static class ServiceOptions
{
    public const int UsualPort = 8080;

    public static readonly Option<int> ConsolePort = new("--console-port") { Description = "The port of the console and of the services' API; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => UsualPort };
    public static readonly Option<bool> NoServices = new("--no-services") { Description = "The chain alone: no services, no console." };
    public static readonly Option<string?> Keys = new("--service-keys") { Description = "A JSON file of the keys that open the services' API, each with the acts it may do; without it, whoever is at this machine may do all.", HelpName = "FILE" };
    public static readonly Option<string?> KeyFile = new("--services-key") { Description = "The file with the key that seals the custodial accounts; made where it is absent.", HelpName = "FILE" };
    public static readonly Option<bool> PrivateDestinations = new("--private-destinations") { Description = "Lets webhooks and subscriptions lead inside a private network or to this machine: for tests, and for networks of one's own." };
}
