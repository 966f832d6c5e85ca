using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Parsers.Tests.Formats;

public sealed class ElfFileTests
{
    [Fact]
    public void The_c_library_of_this_machine_exports_readdir_and_is_dynamic()
    {
        string? path = new[] { "/lib/x86_64-linux-gnu/libc.so.6", "/lib/aarch64-linux-gnu/libc.so.6", "/lib64/libc.so.6" }.FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Skip("no glibc on this machine");
        }
        Assert.True(ElfFile.TryOpen(File.ReadAllBytes(path), out ElfFile elf));
        Assert.Equal(3, elf.Type);
        Assert.True(elf.IsDynamic);
        Assert.False(elf.HasNoSections);
        Assert.True(elf.TryReadDynamicSymbols(out ElfSymbols symbols));
        Assert.Contains("readdir64", Exported(symbols));
        Assert.Contains("fopen", Exported(symbols));
        Assert.DoesNotContain("__tls_get_addr", Exported(symbols));
    }

    [Fact]
    public void Sections_are_found_by_their_whole_name_as_readelf_lists_them()
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "readelf"))))
        {
            Assert.Skip("readelf is not installed");
        }
        string program = Process.GetCurrentProcess().MainModule!.FileName;
        byte[] bytes = File.ReadAllBytes(program);
        Assert.True(ElfFile.TryOpen(bytes, out ElfFile elf));
        using Process readelf = Process.Start(new ProcessStartInfo("readelf", ["-S", "-W", program]) { RedirectStandardOutput = true })!;
        string[] names = [.. System.Text.RegularExpressions.Regex.Matches(readelf.StandardOutput.ReadToEnd(), @"\] (\.\S+)").Select(match => match.Groups[1].Value)];
        readelf.WaitForExit();
        Assert.Contains(".text", names);
        foreach (string name in names)
        {
            Assert.True(elf.HasSection(Encoding.ASCII.GetBytes(name)), name);
        }
        Assert.Equal(names.Contains(".gnu_debuglink"), elf.HasSection(".gnu_debuglink"u8));
        Assert.False(elf.HasSection(".tex"u8));
        Assert.False(elf.HasSection(".textt"u8));
        Assert.True(ElfFile.TryOpen(bytes.AsSpan(0, 4096), out ElfFile cut));
        Assert.False(cut.HasSection(".text"u8));
    }

    [Fact]
    public void A_shared_object_with_a_hash_table_is_read_completely()
    {
        byte[] elf = File.ReadAllBytes(Process.GetCurrentProcess().MainModule!.FileName);
        Assert.True(ElfFile.TryOpen(elf, out ElfFile program));
        Assert.True(program.HasInterpreter);
    }

    [Fact]
    public void Garbage_behind_a_good_magic_never_throws()
    {
        byte[] good = File.ReadAllBytes(Process.GetCurrentProcess().MainModule!.FileName);
        var random = new Random(20261123);
        for (int round = 0; round < 3000; round++)
        {
            byte[] bad = good.AsSpan(0, Math.Min(good.Length, 20_000)).ToArray();
            for (int i = 0; i < 12; i++)
            {
                bad[random.Next(16, round % 2 == 0 ? 256 : bad.Length)] = (byte)random.Next(256);
            }
            if (ElfFile.TryOpen(bad.AsSpan(0, random.Next(0, bad.Length)), out ElfFile elf))
            {
                _ = elf.Machine + elf.Type + elf.HasNoSections + elf.HasInterpreter + elf.HasSection(".gnu_debuglink"u8);
                if (elf.TryReadDynamicSymbols(out ElfSymbols symbols))
                {
                    _ = Exported(symbols).Count;
                }
            }
        }
    }

    private static List<string> Exported(ElfSymbols symbols)
    {
        var names = new List<string>();
        for (int i = 0; i < symbols.Count; i++)
        {
            if (symbols.IsExported(i))
            {
                names.Add(Encoding.Latin1.GetString(symbols.Name(i)));
            }
        }
        return names;
    }
}
