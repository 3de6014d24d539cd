using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Hufu.Cli;

/// <summary>A line for people: when, how grave, which component, what.</summary>
sealed class TextLines() : ConsoleFormatter(Name)
{
    // The library has formatters of its own, one of them named json.
    public new const string Name = "hufu-text";

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter writer)
    {
        writer.Write(DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        writer.Write($" {LogSettings.NameOf(entry.LogLevel),-7} {entry.Category}: {entry.Formatter(entry.State, entry.Exception)}");
        if (entry.Exception is { } fault) writer.Write($": {fault}");
        writer.Write('\n');
    }
}

/// <summary>A line for programs: one JSON object with time, level, component and message, and what the message names as members of their own.</summary>
sealed class JsonLines() : ConsoleFormatter(Name)
{
    public new const string Name = "hufu-json";

    // The member in which the library keeps the message before its names are filled in.
    const string Template = "{OriginalFormat}";

    static readonly JsonWriterOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter writer)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(line, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, DateTime.UtcNow);
            json.WriteString("level"u8, LogSettings.NameOf(entry.LogLevel));
            json.WriteString("component"u8, entry.Category);
            json.WriteString("message"u8, entry.Formatter(entry.State, entry.Exception));
            if (entry.State is IReadOnlyList<KeyValuePair<string, object?>> fields)
                foreach (var (name, value) in fields)
                    if (name != Template) WriteField(json, JsonNamingPolicy.CamelCase.ConvertName(name), value);
            if (entry.Exception is { } fault) json.WriteString("fault"u8, fault.ToString());
            json.WriteEndObject();
        }
        writer.Write(Encoding.UTF8.GetString(line.WrittenSpan));
        writer.Write('\n');
    }

    static void WriteField(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case bool flag: json.WriteBoolean(name, flag); break;
            case int or uint or long: json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case ulong number: json.WriteNumber(name, number); break;
            default: json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}
