using System.Text.Json.Nodes;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>The published schema of the report.</summary>
internal static class ReportSchema
{
    private static readonly Lazy<NJsonSchema.JsonSchema> s_schema =
        new(() => NJsonSchema.JsonSchema.FromFileAsync(Repository.PathOf("docs", "report.schema.json")).GetAwaiter().GetResult());

    /// <summary>The first violations; none of a valid report.</summary>
    public static IReadOnlyList<string> Errors(JsonObject report) => [.. s_schema.Value.Validate(report.ToJsonString()).Take(5).Select(error => error.ToString())];
}
