using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary>What a license allows: the options that an issuer and a delegate share. What is not given stays as the request has it.</summary>
internal sealed class LicenseTermsOptions
{
    private readonly bool _isNarrower;
    private readonly Option<string> _expires;
    private readonly Option<string> _notBefore;
    private readonly Option<string> _calls;
    private readonly Option<string> _window;
    private readonly Option<string> _concurrent;
    private readonly Option<string> _offline;
    private readonly Option<string> _grace;
    private readonly Option<bool> _status;
    private readonly Option<string> _tasks;
    private readonly Option<string> _targets;
    private readonly Option<string> _providers;
    private readonly Option<string> _versions;
    private readonly Option<string> _endpoints;
    private readonly Option<string> _desensitise;
    private readonly Option<string> _audience;
    private readonly Option<string> _watermark;

    /// <param name="isNarrower">Whether there is a license above, whose terms are the defaults.</param>
    public LicenseTermsOptions(bool isNarrower)
    {
        _isNarrower = isNarrower;
        _expires = Text("--expires", "TIME", "From when it is no longer valid: 30d, 12h or 90m from now, a date (its first moment, UTC), or 2027-01-31T18:00:00Z.", "never");
        _notBefore = Text("--not-before", "TIME", "From when it is valid, in the same forms.", "at once");
        _calls = Text("--calls", "N", "How many inputs may be predicted, counted on the device.", "any number");
        _window = Text("--window", "SPAN", "The span in which --calls may be made, again and again: 1h, 30d.", "once and for all");
        _concurrent = Text("--concurrent", "N", "How many calls may run at once on the device, 1 to 1024.", "any number");
        _offline = Text("--offline", "SPAN", $"How long it may be used without news from its issuer: 7d, 12h.{(isNarrower ? "" : " Implies --status.")}", "any time");
        _grace = Text("--grace", "SPAN", "How long after --offline calls still work, with a warning.", "not at all");
        _status = new("--status") { Description = "Gives the license a place in KEYS/status.json, so that it can be revoked; 'coffer status init' makes the register." };
        _tasks = Text("--tasks", "A,B", "What may be predicted, or *.", "the bundle's task");
        _targets = Text("--targets", "A,B", "Where it may run: local, remote. Without local the license opens no weights.", "local");
        _providers = Text("--providers", "A,B", $"What it may run on: {string.Join(", ", ProviderNames.All)}, or *.", "*");
        _versions = Text("--versions", "RANGE", "Which versions of the model: *, [1.2.0], [1.0.0,2.0.0), [1.0.0,).", "from this one to the next major one");
        _endpoints = Text("--endpoints", "A,B", "Where inputs may be sent: addresses under which an endpoint must lie, or *; needs the target remote.", "nowhere");
        _desensitise = Text("--desensitise", "A,B", "What must be removed from inputs before they are sent, such as email or faces; with --endpoints.", "nothing");
        _audience = Text("--audience", "APP", "The id of the application that it is for.", "any");
        _watermark = Text("--watermark", "TEXT", "A mark for outputs and audit.", "none");
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _expires, _notBefore, _calls, _window, _concurrent, _offline, _grace, _status, _tasks, _targets, _providers, _versions, _endpoints, _desensitise, _audience, _watermark })
        {
            command.Add(option);
        }
    }

    /// <summary>Whether the license needs a place in this issuer's register. A delegate's own is asked for: the one above counts besides.</summary>
    public bool WantsStatus(ParseResult line) => line.GetValue(_status) || (!_isNarrower && line.GetValue(_offline) is not null);

    /// <summary>The request with the terms that were given.</summary>
    /// <exception cref="FormatException">A value is not of its form, or of no use without another.</exception>
    public LicenseRequest Apply(ParseResult line, LicenseRequest request, DateTimeOffset now)
    {
        var edited = request with
        {
            Expires = line.GetValue(_expires) is { } expires ? Values.Future("--expires", expires, now) : request.Expires,
            NotBefore = line.GetValue(_notBefore) is { } notBefore ? Values.Moment("--not-before", notBefore, now) : request.NotBefore,
            Calls = line.GetValue(_calls) is { } calls ? Values.Whole("--calls", calls, min: 1) : request.Calls,
            Window = line.GetValue(_window) is { } window ? Values.Span("--window", window) : request.Window,
            Concurrent = line.GetValue(_concurrent) is { } concurrent ? (int)Values.Whole("--concurrent", concurrent, min: 1, max: 1024) : request.Concurrent,
            Offline = ReadOffline(line, request.Offline),
            Tasks = line.GetValue(_tasks) is { } tasks ? Values.List("--tasks", tasks) : request.Tasks,
            Targets = line.GetValue(_targets) is { } targets
                ? [.. Values.List("--targets", targets).Select(target => Values.OneOf("--targets", target, LicenseText.Targets)).Distinct()]
                : request.Targets,
            Providers = line.GetValue(_providers) is { } providers
                ? [.. Values.List("--providers", providers).Select(provider => ProviderNames.Licensed("--providers", provider)).Distinct()]
                : request.Providers,
            Models = line.GetValue(_versions) is { } versions
                ? [.. request.Models.Select(model => model with { Versions = VersionRange.Parse(versions) })]
                : request.Models,
            Remote = ReadRemote(line, request.Remote),
            Audience = line.GetValue(_audience) ?? request.Audience,
            Watermark = line.GetValue(_watermark) ?? request.Watermark,
        };
        RequireSense(line, edited);
        return edited;
    }

    private OfflineTerms? ReadOffline(ParseResult line, OfflineTerms? above)
    {
        TimeSpan? max = line.GetValue(_offline) is { } offline ? Values.Span("--offline", offline) : above?.Max;
        TimeSpan? grace = line.GetValue(_grace) is { } text ? Values.Span("--grace", text) : above?.Grace;
        return max is { } span ? new OfflineTerms(span, grace ?? TimeSpan.Zero)
            : grace is null ? null
            : throw new FormatException("--grace begins when the time of --offline is over: give --offline, too.");
    }

    private RemoteTerms? ReadRemote(ParseResult line, RemoteTerms? above)
    {
        IReadOnlyList<string>? endpoints = line.GetValue(_endpoints) is { } text ? [.. Values.List("--endpoints", text).Select(item => Values.Endpoint("--endpoints", item))] : above?.Endpoints;
        IReadOnlyList<string>? removed = line.GetValue(_desensitise) is { } kinds ? Values.List("--desensitise", kinds) : above?.Desensitise;
        return endpoints is not null ? new RemoteTerms(endpoints, removed ?? [])
            : removed is null ? null
            : throw new FormatException("--desensitise says what is removed before inputs are sent: give --endpoints, too.");
    }

    private void RequireSense(ParseResult line, LicenseRequest request)
    {
        if (request.Window is not null && request.Calls is null)
        {
            throw new FormatException("--window is the span in which --calls may be made: give --calls, too.");
        }

        if (line.GetValue(_endpoints) is not null && !request.Targets.Contains(ExecutionTarget.Remote))
        {
            throw new FormatException("--endpoints is of no use without the target remote: give --targets local,remote, or leave --endpoints out.");
        }
    }

    private Option<string> Text(string name, string form, string description, string initial) =>
        new(name) { Description = $"{description} Default: {(_isNarrower ? "as the license above" : initial)}.", HelpName = form };
}
