using System.IO.Compression;
using System.Net;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

public sealed class StatusListTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Publish_ManyRevocations_IsReadBackAtEveryPlace()
    {
        var places = Enumerable.Range(0, 3000).Select(_ => _world.Register.Allocate().Index).ToList();
        foreach (var index in places.Where(index => index % 7 == 0))
        {
            _world.Register.Revoke(index);
        }

        var oneBit = _world.Publish();
        Assert.Equal(3000, oneBit.Count);
        Assert.All(places, index => Assert.Equal(index % 7 == 0 ? 1 : 0, oneBit[index]));
        foreach (var index in places.Where(index => index % 11 == 0))
        {
            _world.Register.Suspend(index);
        }

        // What is revoked stays revoked.
        var twoBits = _world.Publish();
        Assert.All(places, index => Assert.Equal(index % 7 == 0 ? 1 : index % 11 == 0 ? 2 : 0, twoBits[index]));
        Assert.Throws<ArgumentOutOfRangeException>(() => twoBits[3000]);
        Assert.True(twoBits.IsSignedBy(_world.IssuerKey.SigningKey));
        Assert.False(twoBits.IsSignedBy(_world.Publisher.SigningKey));
    }

    [Theory]
    [InlineData(1, "eNrbuRgAAhcBXQ", new[] { 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1 })]
    [InlineData(2, "eNo76fITAAPfAgc", new[] { 1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3 })]
    public void Parse_ExamplesOfTheSpecification_GivesItsStatuses(int bits, string list, int[] expected)
    {
        // draft-ietf-oauth-status-list, §4.1 and §4.2: the byte arrays [0xB9, 0xA3] and [0xC9, 0x44, 0xF9], compressed there.
        var status = StatusList.Parse(Sign($$"""{"iss":"{{LicensingWorld.Issuer}}","sub":"https://x","iat":1,"status_list":{"bits":{{bits}},"lst":"{{list}}"} }"""));
        Assert.Equal(expected, Enumerable.Range(0, expected.Length).Select(index => status[index]));
    }

    [Fact]
    public void Check_EverySingleBitFlipAndTruncationOfTheList_IsRefused()
    {
        // Without this list the license is over its time offline: a list that is another's, by its address, helps nobody either.
        var license = License.Parse(_world.Issue(_world.OfflineRequest)).Verify(_world.Trust);
        _world.Clock.Advance(TimeSpan.FromDays(3));
        var text = Encoding.ASCII.GetBytes(_world.Publish().Text);
        Assert.Null(Refusal(text));

        var accepted = new List<string>();
        for (var bit = 0; bit < text.Length * 8; bit++)
        {
            var changed = text.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Note(changed, $"bit {bit}");
        }

        for (var length = 0; length < text.Length; length++)
        {
            Note(text[..length], $"length {length}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{text.Length * 8} flips of a list of {text.Length} bytes.");
        Assert.Empty(accepted);

        void Note(byte[] changed, string what)
        {
            if (Refusal(changed) is not LicenseException { Error: LicenseError.StatusInvalid or LicenseError.OfflineBudgetExceeded })
            {
                accepted.Add(what);
            }
        }

        Exception? Refusal(byte[] list) => Record.Exception(() =>
        {
            var lists = new StatusLists();
            lists.Add(StatusList.Parse(Encoding.Latin1.GetString(list)));
            _ = new StatusCheck(license.Tokens, lists, new OpenedBundle(_world.Manifest, LicensingWorld.Digest, null), _world.Device.SigningKey.Thumbprint).Check(_world.Clock.GetUtcNow(), license.Claims.Offline);
        });
    }

    [Fact]
    public void Parse_ListThatInflatesWithoutEnd_ThrowsBeforeItIsThere()
    {
        using var compressed = new MemoryStream();
        using (var deflate = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[1 << 16];
            for (var i = 0; i < 1024; i++)
            {
                deflate.Write(zeros);
            }
        }

        var text = Sign($$"""{"iss":"x","sub":"https://x","iat":1,"status_list":{"bits":1,"lst":"{{Base64UrlStrict.Encode(compressed.ToArray())}}"} }""");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(LicenseError.StatusInvalid, Assert.Throws<LicenseException>(() => StatusList.Parse(text)).Error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"iss":"x","sub":"https://x","iat":1}""")]
    [InlineData("""{"iss":"x","sub":"https://x","iat":-1,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"}}""")]
    [InlineData("""{"iss":"x","sub":"https://x","iat":1,"status_list":{"bits":3,"lst":"eNrbuRgAAhcBXQ"}}""")]
    [InlineData("""{"iss":"x","sub":"https://x","iat":1,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXR"}}""")]
    [InlineData("""{"iss":"x","sub":"https://x","iat":1,"status_list":{"bits":1,"lst":"AAAA"}}""")]
    [InlineData("""{"iss":"x","sub":"https://x","iat":1,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"},"manifests":["00"]}""")]
    [InlineData("""{"iss":"x","sub":"https://x","iat":1,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"},"signers":[{"after":1}]}""")]
    [InlineData("""{"iss":"x","iss":"y","sub":"https://x","iat":1,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"}}""")]
    public void Parse_ClaimsOfAnotherForm_ThrowsStatusInvalid(string payload) =>
        Assert.Equal(LicenseError.StatusInvalid, Assert.Throws<LicenseException>(() => StatusList.Parse(Sign(payload))).Error);

    [Fact]
    public void Parse_LicenseAsList_ThrowsStatusInvalid() =>
        Assert.Equal(LicenseError.StatusInvalid, Assert.Throws<LicenseException>(() => StatusList.Parse(_world.Issue(_world.Request))).Error);

    [Fact]
    public async Task RefreshAsync_ChangedAndUnchanged_FetchesOnceAndKeepsAcrossRestarts()
    {
        var folder = _world.Folder.File("lists");
        var request = _world.OfflineRequest;
        var license = License.Parse(_world.Issue(request)).Verify(_world.Trust);
        using var server = new StatusServer(() => _world.Publish().Text);
        using var client = new HttpClient(server);
        var lists = new StatusLists(folder);
        await lists.RefreshAsync(license, client, TestContext.Current.CancellationToken);
        await lists.RefreshAsync(license, client, TestContext.Current.CancellationToken);
        Assert.Equal([200, 304], server.Answers);

        // Another process, offline.
        _world.Clock.Advance(TimeSpan.FromHours(30));
        _world.Register.Revoke(request.Status!.Index);
        server.IsDown = true;
        var restarted = new StatusLists(folder);
        await Assert.ThrowsAsync<HttpRequestException>(() => restarted.RefreshAsync(license, client, TestContext.Current.CancellationToken));
        Assert.NotNull(restarted.Known(LicensingWorld.StatusUri));

        server.IsDown = false;
        await restarted.RefreshAsync(license, client, TestContext.Current.CancellationToken);
        Assert.Equal(1, restarted.Known(LicensingWorld.StatusUri)![request.Status.Index]);
    }

    [Fact]
    public async Task RefreshAsync_ListOfSomebodyElse_ThrowsAndKeepsTheOneAtHand()
    {
        var license = License.Parse(_world.Issue(_world.OfflineRequest)).Verify(_world.Trust);
        using var server = new StatusServer(() => _world.Register.Publish(LicensingWorld.Issuer, _world.Publisher, clock: _world.Clock));
        using var client = new HttpClient(server);
        var lists = new StatusLists();
        var good = _world.Publish();
        lists.Add(good);
        var e = await Assert.ThrowsAsync<LicenseException>(() => lists.RefreshAsync(license, client, TestContext.Current.CancellationToken));
        Assert.Equal(LicenseError.StatusInvalid, e.Error);
        Assert.Same(good, lists.Known(LicensingWorld.StatusUri));
    }

    [Fact]
    public async Task RefreshAsync_AfterAForgedListOfTheFuture_TakesTheIssuersOwn()
    {
        var license = License.Parse(_world.Issue(_world.OfflineRequest)).Verify(_world.Trust);
        using var server = new StatusServer(() => _world.Publish().Text);
        using var client = new HttpClient(server);
        var lists = new StatusLists();
        lists.Add(StatusList.Parse(_world.Register.Publish(LicensingWorld.Issuer, _world.Publisher, clock: new Microsoft.Extensions.Time.Testing.FakeTimeProvider(_world.Clock.GetUtcNow().AddYears(9)))));
        await lists.RefreshAsync(license, client, TestContext.Current.CancellationToken);
        Assert.True(lists.Known(LicensingWorld.StatusUri)!.IsSignedBy(_world.IssuerKey.SigningKey));
    }

    [Fact]
    public async Task Authorize_ListOfAnotherAddressInItsPlaceInTheFolder_ThrowsStatusInvalid()
    {
        // The same issuer, the same place, another list: the license is revoked in its own and not in that one.
        var folder = _world.Folder.File("lists");
        var request = _world.OfflineRequest;
        var license = _world.Issue(request);
        using var server = new StatusServer(() => _world.Publish().Text);
        using var client = new HttpClient(server);
        await new StatusLists(folder).RefreshAsync(License.Parse(license).Verify(_world.Trust), client, TestContext.Current.CancellationToken);
        _world.Authorize(license, options: new() { StatusLists = new StatusLists(folder) }).Dispose();

        var other = StatusRegister.Create(_world.Folder.File("other.json"), "https://licenses.example/other");
        await File.WriteAllTextAsync(Directory.GetFiles(folder, "*.status").Single(), other.Publish(LicensingWorld.Issuer, _world.IssuerKey, clock: _world.Clock), TestContext.Current.CancellationToken);
        var e = Assert.Throws<LicenseException>(() => _world.Authorize(license, options: new() { StatusLists = new StatusLists(folder) }));
        Assert.Equal(LicenseError.StatusInvalid, e.Error);
    }

    [Fact]
    public async Task RefreshAsync_ForgedListInTheFolder_IsNotKeptByItsTag()
    {
        var folder = _world.Folder.File("lists");
        var license = License.Parse(_world.Issue(_world.OfflineRequest)).Verify(_world.Trust);
        using var server = new StatusServer(() => _world.Publish().Text);
        using var client = new HttpClient(server);
        await new StatusLists(folder).RefreshAsync(license, client, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Directory.GetFiles(folder, "*.status").Single(), _world.Register.Publish(LicensingWorld.Issuer, _world.Publisher, clock: _world.Clock), TestContext.Current.CancellationToken);

        var lists = new StatusLists(folder);
        await lists.RefreshAsync(license, client, TestContext.Current.CancellationToken);
        Assert.Equal([200, 200], server.Answers);
        Assert.True(new StatusLists(folder).Known(LicensingWorld.StatusUri)!.IsSignedBy(_world.IssuerKey.SigningKey));
    }

    [Fact]
    public async Task RefreshAsync_EndlessAnswer_IsCutOffAtTheLimit()
    {
        var license = License.Parse(_world.Issue(_world.OfflineRequest)).Verify(_world.Trust);
        using var server = new StatusServer(() => new string('A', 10 << 20));
        using var client = new HttpClient(server);
        var e = await Assert.ThrowsAsync<LicenseException>(() => new StatusLists().RefreshAsync(license, client, TestContext.Current.CancellationToken));
        Assert.Contains("longer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RefreshAsync_DamagedCache_IsReplaced()
    {
        var folder = _world.Folder.File("lists");
        var license = License.Parse(_world.Issue(_world.OfflineRequest)).Verify(_world.Trust);
        using var server = new StatusServer(() => _world.Publish().Text);
        using var client = new HttpClient(server);
        await new StatusLists(folder).RefreshAsync(license, client, TestContext.Current.CancellationToken);
        var file = Directory.GetFiles(folder, "*.status").Single();
        await File.WriteAllTextAsync(file, "damaged", TestContext.Current.CancellationToken);

        var lists = new StatusLists(folder);
        Assert.Equal(LicenseError.StatusInvalid, Assert.Throws<LicenseException>(() => lists.Known(LicensingWorld.StatusUri)).Error);
        await lists.RefreshAsync(license, client, TestContext.Current.CancellationToken);
        Assert.NotNull(lists.Known(LicensingWorld.StatusUri));
    }

    [Fact]
    public void Allocate_FromManyThreads_GivesEachAPlaceOfItsOwn()
    {
        _ = _world.Register;
        var places = new System.Collections.Concurrent.ConcurrentBag<long>();
        Parallel.For(0, 40, _ => places.Add(StatusRegister.Open(_world.Folder.File("status.json")).Allocate().Index));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), places.Order());
    }

    [Fact]
    public void Open_WhatIsNoRegister_ThrowsMalformed()
    {
        File.WriteAllText(_world.Folder.File("x.json"), "{}");
        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => StatusRegister.Open(_world.Folder.File("x.json"))).Error);
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => StatusRegister.Open(_world.Folder.File("y.json"))).Error);
        Assert.Throws<ArgumentException>(() => StatusRegister.Create(_world.Folder.File("y.json"), "ftp://x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _world.Register.Revoke(0));
    }

    private string Sign(string payload) => _world.Sign(payload, StatusList.Type);

    /// <summary>A server that tells an unchanged list by its entity tag.</summary>
    private sealed class StatusServer(Func<string> list) : HttpMessageHandler
    {
        public List<int> Answers { get; } = [];

        public bool IsDown { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsDown)
            {
                throw new HttpRequestException("No network.");
            }

            var text = list();
            var payload = text.Split('.') is [_, var claims, _] ? claims : "none";
            var tag = $"\"{payload.GetHashCode(StringComparison.Ordinal)}\"";
            var response = request.Headers.IfNoneMatch.Any(known => known.Tag == tag)
                ? new HttpResponseMessage(HttpStatusCode.NotModified)
                : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text) };
            response.Headers.ETag = new(tag);
            Answers.Add((int)response.StatusCode);
            return Task.FromResult(response);
        }
    }
}
