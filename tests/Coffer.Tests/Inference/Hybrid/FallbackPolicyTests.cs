using System.Net;
using System.Net.Sockets;
using Coffer.Bundles;
using Coffer.Inference;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Coffer.Tests.Inference;

public sealed class FallbackPolicyTests
{
    private static readonly Uri Endpoint = new("https://models.example/v2");

    public static TheoryData<InferenceError, LegOutcome> InferenceErrors => Table<InferenceError>(new()
    {
        [InferenceError.RuntimeMissing] = LegOutcome.DeviceUnavailable,
        [InferenceError.RuntimeTooOld] = LegOutcome.DeviceUnavailable,
        [InferenceError.ProviderUnavailable] = LegOutcome.DeviceUnavailable,
        [InferenceError.OutOfMemory] = LegOutcome.OutOfMemory,
    });

    public static TheoryData<RemoteError, LegOutcome> RemoteErrors => Table<RemoteError>(new()
    {
        [RemoteError.Unreachable] = LegOutcome.Unreachable,
        [RemoteError.ConnectionLost] = LegOutcome.Unreachable,
        [RemoteError.TlsFailed] = LegOutcome.Unreachable,
        [RemoteError.TimedOut] = LegOutcome.TimedOut,
        [RemoteError.Throttled] = LegOutcome.Unavailable,
        [RemoteError.Unavailable] = LegOutcome.Unavailable,
        [RemoteError.InvalidReply] = LegOutcome.InvalidReply,
    });

    public static TheoryData<BundleError, LegOutcome> BundleErrors => Table<BundleError>(new() { [BundleError.PartMissing] = LegOutcome.ModelAbsent });

    public static TheoryData<LicenseError> LicenseErrors => [.. Enum.GetValues<LicenseError>()];

    public static TheoryData<InputError> InputErrors => [.. Enum.GetValues<InputError>()];

    public static TheoryData<HttpStatusCode, LegOutcome> Statuses => new()
    {
        { HttpStatusCode.RequestTimeout, LegOutcome.TimedOut },
        { HttpStatusCode.TooManyRequests, LegOutcome.Unavailable },
        { HttpStatusCode.BadGateway, LegOutcome.Unavailable },
        { HttpStatusCode.ServiceUnavailable, LegOutcome.Unavailable },
        { HttpStatusCode.GatewayTimeout, LegOutcome.Unavailable },
        { HttpStatusCode.BadRequest, LegOutcome.Failed },
        { HttpStatusCode.Unauthorized, LegOutcome.Failed },
        { HttpStatusCode.Forbidden, LegOutcome.Failed },
        { HttpStatusCode.NotFound, LegOutcome.Failed },
        { HttpStatusCode.RequestEntityTooLarge, LegOutcome.Failed },
        { HttpStatusCode.InternalServerError, LegOutcome.Failed },
    };

    [Theory]
    [MemberData(nameof(InferenceErrors))]
    public void OnDevice_InferenceError_IsAsTheTableSays(InferenceError error, LegOutcome expected)
    {
        Assert.Equal(expected, FallbackPolicy.OnDevice(new InferenceException(error, "m")));
        Assert.Equal(LegOutcome.Failed, FallbackPolicy.OnEndpoint(new InferenceException(error, "m")));
    }

    [Theory]
    [MemberData(nameof(BundleErrors))]
    public void OnDevice_BundleError_IsAsTheTableSays(BundleError error, LegOutcome expected)
    {
        Assert.Equal(expected, FallbackPolicy.OnDevice(new BundleException(error, BundleSection.Part, "m")));
        Assert.Equal(LegOutcome.Failed, FallbackPolicy.OnEndpoint(new BundleException(error, BundleSection.Part, "m")));
    }

    [Theory]
    [MemberData(nameof(RemoteErrors))]
    public void OnEndpoint_RemoteError_IsAsTheTableSays(RemoteError error, LegOutcome expected)
    {
        Assert.Equal(expected, FallbackPolicy.OnEndpoint(new RemoteException(error, Endpoint, "m")));
        Assert.Equal(LegOutcome.Failed, FallbackPolicy.OnDevice(new RemoteException(error, Endpoint, "m")));
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void OnEndpoint_HttpStatus_IsAsTheTableSays(HttpStatusCode status, LegOutcome expected) =>
        Assert.Equal(expected, FallbackPolicy.OnEndpoint(new HttpRequestException("m", null, status)));

    [Theory]
    [MemberData(nameof(LicenseErrors))]
    public void Refusal_AnyOfALicense_NeverMoves(LicenseError error) => AssertStays(new LicenseException(error, "m"));

    [Theory]
    [MemberData(nameof(InputErrors))]
    public void BadInput_Any_NeverMoves(InputError error) => AssertStays(new InputException(error, "m"));

    [Fact]
    public void OnDevice_WhatTheSystemThrows_IsAsTheTableSays()
    {
#pragma warning disable CA2201 // What the runtime throws, not this test.
        Assert.Equal(LegOutcome.OutOfMemory, FallbackPolicy.OnDevice(new OutOfMemoryException()));
#pragma warning restore CA2201
        Assert.Equal(LegOutcome.ModelAbsent, FallbackPolicy.OnDevice(new FileNotFoundException()));
        Assert.Equal(LegOutcome.ModelAbsent, FallbackPolicy.OnDevice(new DirectoryNotFoundException()));
        Assert.Equal(LegOutcome.ModelAbsent, FallbackPolicy.OnDevice(new BundleException(BundleError.Unreadable, BundleSection.Part, "m", new FileNotFoundException())));
        Assert.Equal(LegOutcome.DeadlinePassed, FallbackPolicy.OnDevice(new TimeoutRejectedException()));
        Assert.Equal(LegOutcome.Failed, FallbackPolicy.OnDevice(new IOException()));
        Assert.Equal(LegOutcome.Failed, FallbackPolicy.OnDevice(new InvalidOperationException()));
    }

    [Fact]
    public void OnEndpoint_WhatTheSystemThrows_IsAsTheTableSays()
    {
        Assert.Equal(LegOutcome.Unreachable, FallbackPolicy.OnEndpoint(new HttpRequestException(HttpRequestError.NameResolutionError)));
        Assert.Equal(LegOutcome.Unreachable, FallbackPolicy.OnEndpoint(new HttpRequestException(HttpRequestError.ConnectionError)));
        Assert.Equal(LegOutcome.InvalidReply, FallbackPolicy.OnEndpoint(new HttpRequestException(HttpRequestError.InvalidResponse)));
        Assert.Equal(LegOutcome.Unreachable, FallbackPolicy.OnEndpoint(new SocketException()));
        Assert.Equal(LegOutcome.Unreachable, FallbackPolicy.OnEndpoint(new IOException()));
        Assert.Equal(LegOutcome.TimedOut, FallbackPolicy.OnEndpoint(new TaskCanceledException("m", new TimeoutException())));
        Assert.Equal(LegOutcome.TimedOut, FallbackPolicy.OnEndpoint(new TimeoutRejectedException()));
        Assert.Equal(LegOutcome.CircuitOpen, FallbackPolicy.OnEndpoint(new BrokenCircuitException()));
        Assert.Equal(LegOutcome.Failed, FallbackPolicy.OnEndpoint(new FileNotFoundExceptionLike()));
        AssertStays(new OperationCanceledException());
    }

    [Fact]
    public void IsWorthRetrying_AskedToWaitLongerThanAllowed_IsNot()
    {
        var soon = new RemoteException(RemoteError.Throttled, Endpoint, "m") { RetryAfter = TimeSpan.FromSeconds(2) };
        var late = new RemoteException(RemoteError.Throttled, Endpoint, "m") { RetryAfter = TimeSpan.FromMinutes(2) };

        Assert.True(FallbackPolicy.IsWorthRetrying(soon, TimeSpan.FromSeconds(5)));
        Assert.False(FallbackPolicy.IsWorthRetrying(late, TimeSpan.FromSeconds(5)));
        Assert.False(FallbackPolicy.IsWorthRetrying(new RemoteException(RemoteError.TlsFailed, Endpoint, "m"), TimeSpan.FromSeconds(5)));
        Assert.False(FallbackPolicy.IsWorthRetrying(new RemoteException(RemoteError.InvalidReply, Endpoint, "m"), TimeSpan.FromSeconds(5)));
        Assert.False(FallbackPolicy.IsWorthRetrying(new BrokenCircuitException(), TimeSpan.FromSeconds(5)));
    }

    private static void AssertStays(Exception failure)
    {
        Assert.False(FallbackPolicy.Moves(FallbackPolicy.OnDevice(failure)));
        Assert.False(FallbackPolicy.Moves(FallbackPolicy.OnEndpoint(failure)));
        Assert.False(FallbackPolicy.IsWorthRetrying(failure, TimeSpan.MaxValue));
    }

    // Every value of the enum: the named ones as given, every other stays.
    private static TheoryData<TError, LegOutcome> Table<TError>(Dictionary<TError, LegOutcome> moving)
        where TError : struct, Enum
    {
        var data = new TheoryData<TError, LegOutcome>();
        foreach (var error in Enum.GetValues<TError>())
        {
            data.Add(error, moving.GetValueOrDefault(error, LegOutcome.Failed));
        }

        return data;
    }

    private sealed class FileNotFoundExceptionLike : Exception;
}
