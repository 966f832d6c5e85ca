using System.Buffers.Binary;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// The value of <c>Policy\PolAdtEv</c>: what the security log is told. From Windows Vista on, by subcategory: a header, a word for each subcategory, and at its end how many each category has. It is undocumented;
/// the layout is the one the field describes (http://www.kazamiya.net/poladtev), the names stand in the order in which event 4719 numbers them.
/// </summary>
/// <remarks><b>Limitations:</b> the layouts of Windows 2000 to Server 2003 are refused; subcategories behind those that are named here get a number.</remarks>
/// <param name="Settings">One line for each subcategory that is audited: <c>Detailed Tracking: Process Creation = success and failure</c>.</param>
/// <param name="Count">Subcategories in all.</param>
public sealed record AuditPolicy(IReadOnlyList<string> Settings, int Count)
{
    private const int Header = 12;
    private const int MostSubcategories = 256;

    private static readonly (string Category, string[] Names)[] s_names =
    [
        ("System", ["Security State Change", "Security System Extension", "System Integrity", "IPsec Driver", "Other System Events"]),
        ("Logon/Logoff", ["Logon", "Logoff", "Account Lockout", "IPsec Main Mode", "Special Logon", "IPsec Quick Mode", "IPsec Extended Mode", "Other Logon/Logoff Events", "Network Policy Server", "User / Device Claims", "Group Membership", "Access Rights"]),
        ("Object Access", ["File System", "Registry", "Kernel Object", "SAM", "Other Object Access Events", "Certification Services", "Application Generated", "Handle Manipulation", "File Share", "Filtering Platform Packet Drop", "Filtering Platform Connection", "Detailed File Share", "Removable Storage", "Central Policy Staging"]),
        ("Privilege Use", ["Sensitive Privilege Use", "Non Sensitive Privilege Use", "Other Privilege Use Events"]),
        ("Detailed Tracking", ["Process Creation", "Process Termination", "DPAPI Activity", "RPC Events", "Plug and Play Events", "Token Right Adjusted Events"]),
        ("Policy Change", ["Audit Policy Change", "Authentication Policy Change", "Authorization Policy Change", "MPSSVC Rule-Level Policy Change", "Filtering Platform Policy Change", "Other Policy Change Events"]),
        ("Account Management", ["User Account Management", "Computer Account Management", "Security Group Management", "Distribution Group Management", "Application Group Management", "Other Account Management Events"]),
        ("DS Access", ["Directory Service Access", "Directory Service Changes", "Directory Service Replication", "Detailed Directory Service Replication"]),
        ("Account Logon", ["Credential Validation", "Kerberos Service Ticket Operations", "Other Account Logon Events", "Kerberos Authentication Service"]),
    ];

    /// <summary>Decodes; null for what has another layout. Never throws.</summary>
    public static AuditPolicy? Decode(ReadOnlySpan<byte> data)
    {
        if (data.Length < Header || BinaryPrimitives.ReadUInt16LittleEndian(data[4..]) != s_names.Length)
        {
            return null;
        }
        int counts = BinaryPrimitives.ReadUInt16LittleEndian(data[8..]);
        if (counts < Header || counts + s_names.Length * 2 > data.Length)
        {
            return null;
        }
        ReadOnlySpan<byte> words = data[Header..counts];
        var settings = new List<string>();
        int done = 0;
        for (int category = 0; category < s_names.Length; category++)
        {
            int many = BinaryPrimitives.ReadUInt16LittleEndian(data[(counts + category * 2)..]);
            if (done + many > Math.Min(words.Length / 2, MostSubcategories))
            {
                return null;
            }
            for (int i = 0; i < many; i++, done++)
            {
                if ((BinaryPrimitives.ReadUInt16LittleEndian(words[(done * 2)..]) & 3) is > 0 and int audited)
                {
                    string[] names = s_names[category].Names;
                    settings.Add($"{s_names[category].Category}: {(i < names.Length ? names[i] : $"subcategory {i + 1}")} = {audited switch { 1 => "success", 2 => "failure", _ => "success and failure" }}");
                }
            }
        }
        return new AuditPolicy(settings, done);
    }
}
