namespace Forensics.Parsers.Formats.EventLog;

/// <summary>Properties of the system part of an event.</summary>
internal enum SystemProperty
{
    ProviderName,
    ProviderGuid,
    EventSourceName,
    EventId,
    Qualifiers,
    Version,
    Level,
    Task,
    Opcode,
    Keywords,
    TimeCreated,
    EventRecordId,
    ActivityId,
    RelatedActivityId,
    ProcessId,
    ThreadId,
    Channel,
    Computer,
    UserId,
    Count,
}

/// <summary>
/// Where a template has the properties of the system part: fixed text or the number of a value. With it the provider and the number of an event are known without reading its XML.
/// </summary>
internal sealed class SystemPlan
{
    private const int SystemDepth = 2;

    private readonly BinXmlNode[] _sources = new BinXmlNode[(int)SystemProperty.Count];
    private readonly bool[] _isKnown = new bool[(int)SystemProperty.Count];

    private SystemPlan(int next) => Next = next;

    /// <summary>The first step behind the system part.</summary>
    public int Next { get; }

    /// <summary>The step that gives a property; false when the template does not have it.</summary>
    public bool TryGet(SystemProperty property, out BinXmlNode node)
    {
        node = _sources[(int)property];
        return _isKnown[(int)property];
    }

    /// <summary>The property that stands in an element of the system part (attribute null: its content); <see cref="SystemProperty.Count"/> for none.</summary>
    public static SystemProperty PropertyOf(string element, string? attribute) => (element, attribute) switch
    {
        ("Provider", "Name") => SystemProperty.ProviderName,
        ("Provider", "Guid") => SystemProperty.ProviderGuid,
        ("Provider", "EventSourceName") => SystemProperty.EventSourceName,
        ("EventID", null) => SystemProperty.EventId,
        ("EventID", "Qualifiers") => SystemProperty.Qualifiers,
        ("Version", null) => SystemProperty.Version,
        ("Level", null) => SystemProperty.Level,
        ("Task", null) => SystemProperty.Task,
        ("Opcode", null) => SystemProperty.Opcode,
        ("Keywords", null) => SystemProperty.Keywords,
        ("TimeCreated", "SystemTime") => SystemProperty.TimeCreated,
        ("EventRecordID", null) => SystemProperty.EventRecordId,
        ("Correlation", "ActivityID") => SystemProperty.ActivityId,
        ("Correlation", "RelatedActivityID") => SystemProperty.RelatedActivityId,
        ("Execution", "ProcessID") => SystemProperty.ProcessId,
        ("Execution", "ThreadID") => SystemProperty.ThreadId,
        ("Channel", null) => SystemProperty.Channel,
        ("Computer", null) => SystemProperty.Computer,
        ("Security", "UserID") => SystemProperty.UserId,
        _ => SystemProperty.Count,
    };

    /// <summary>Looks through the steps of a fragment; null when it does not begin with a whole system part.</summary>
    public static SystemPlan? Of(BinXmlNode[] nodes)
    {
        int depth = 0;
        string element = "";
        string? attribute = null;
        bool isSystem = false;
        var plan = new SystemPlan(0);
        for (int i = 0; i < nodes.Length; i++)
        {
            ref BinXmlNode node = ref nodes[i];
            switch (node.Operation)
            {
                case BinXmlOperation.Open:
                    depth++;
                    element = node.Text!;
                    attribute = null;
                    if (depth == SystemDepth)
                    {
                        if (element != "System")
                        {
                            return null;
                        }
                        isSystem = true;
                    }
                    break;
                case BinXmlOperation.Close:
                    depth--;
                    if (isSystem && depth == SystemDepth - 1)
                    {
                        return new SystemPlan(i + 1, plan);
                    }
                    break;
                case BinXmlOperation.Attribute:
                    attribute = node.Text;
                    break;
                case BinXmlOperation.Content:
                    attribute = null;
                    break;
                case BinXmlOperation.Instance:
                    return null;
                default:
                    if (depth == SystemDepth + 1 && PropertyOf(element, attribute) is var property and not SystemProperty.Count)
                    {
                        if (plan._isKnown[(int)property])
                        {
                            // Put together of several pieces, which no template of Windows does.
                            return null;
                        }
                        plan._sources[(int)property] = node;
                        plan._isKnown[(int)property] = true;
                    }
                    break;
            }
        }
        return null;
    }

    private SystemPlan(int next, SystemPlan found) : this(next)
    {
        _sources = found._sources;
        _isKnown = found._isKnown;
    }
}
