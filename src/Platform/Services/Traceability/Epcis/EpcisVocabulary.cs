using System.Collections.Frozen;

namespace Hufu.Services;

/// <summary>
/// A standard vocabulary of CBV 2.0. The same word has three forms: bare in JSON-LD (<c>shipping</c>), a URN in XML (<c>urn:epcglobal:cbv:bizstep:shipping</c>),
/// and the web URI (<c>https://ref.gs1.org/cbv/BizStep-shipping</c>), which is what an event holds here and what its hash is of.
/// </summary>
/// <param name="Base">What the web URI has before the word.</param>
/// <param name="Urn">What the URN has before the word; null where there is none.</param>
/// <param name="Words">The words of the standard.</param>
/// <param name="IsOpen">Whether JSON-LD takes other bare words too: older drafts named more measurements than the standard does.</param>
public sealed record EpcisVocabulary(string Base, string? Urn, FrozenSet<string> Words, bool IsOpen = false)
{
    const string Cbv = "https://ref.gs1.org/cbv/";
    const string Gs1 = "https://gs1.org/voc/";

    /// <summary>The namespaces in which GS1 alone makes words.</summary>
    public static readonly string[] OfGs1 = [Cbv, Gs1, "https://ref.gs1.org/voc/", "https://ref.gs1.org/epcis/"];

    public static readonly EpcisVocabulary BizStep = new(Cbv + "BizStep-", "urn:epcglobal:cbv:bizstep:", Of("""
        accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting decommissioning departing destroying
        disassembling dispensing encoding entering_exiting holding inspecting installing killing loading other packing picking receiving removing
        repackaging repairing replacing reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing
        transporting unloading unpacking void_shipping
        """));

    public static readonly EpcisVocabulary Disposition = new(Cbv + "Disp-", "urn:epcglobal:cbv:disp:", Of("""
        active available completeness_inferred completeness_verified conformant container_closed container_open damaged destroyed dispensed disposed
        encoded expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match
        non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen
        unavailable unknown
        """));

    public static readonly EpcisVocabulary BizTransactionType = new(Cbv + "BTT-", "urn:epcglobal:cbv:btt:", Of("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"));
    public static readonly EpcisVocabulary SourceDestinationType = new(Cbv + "SDT-", "urn:epcglobal:cbv:sdt:", Of("owning_party possessing_party location"));
    public static readonly EpcisVocabulary ErrorReason = new(Cbv + "ER-", "urn:epcglobal:cbv:er:", Of("did_not_occur incorrect_data"));

    public static readonly EpcisVocabulary Component = new(Cbv + "Comp-", null, Of("""
        altitude axial_distance azimuth easting elevation_angle height latitude longitude northing polar_angle spherical_radius x y z
        """));

    public static readonly EpcisVocabulary Alert = new(Gs1, null, Of("ALARM_CONDITION ERROR_CONDITION"));

    public static readonly EpcisVocabulary Measurement = new(Gs1, null, Of("""
        AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance AmountOfSubstancePerUnitVolume Angle AngularAcceleration
        AngularMomentum AngularVelocity Area Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate
        DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency Illuminance
        Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity
        MagneticVectorPotential Mass MassConcentration MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume
        Power Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity
        SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber
        """), IsOpen: true);

    static readonly (string Urn, string Base)[] Urns =
        [.. new[] { BizStep, Disposition, BizTransactionType, SourceDestinationType, ErrorReason }.Select(one => (one.Urn!, one.Base))];

    /// <summary>A bare word of JSON-LD as its web URI; anything that is a URI already stays.</summary>
    public string Expand(string text) => text.Length == 0 || text.Contains(':', StringComparison.Ordinal) ? text : Base + text;

    /// <summary>The word of a web URI or URN of this vocabulary; null for others.</summary>
    public string? WordOf(string text) =>
        text.StartsWith(Base, StringComparison.Ordinal) ? text[Base.Length..]
        : Urn is not null && text.StartsWith(Urn, StringComparison.Ordinal) ? text[Urn.Length..]
        : null;

    /// <summary>As JSON-LD has it: bare, if it is a word of the standard.</summary>
    public string ForJson(string text) => WordOf(text) is { } word && (Words.Contains(word) || IsOpen) ? word : text;

    /// <summary>As XML has it: a URN, if there is one for a word of the standard.</summary>
    public string ForXml(string text) => Urn is not null && WordOf(text) is { } word && Words.Contains(word) ? Urn + word : text;

    /// <summary>URNs of the vocabularies anywhere in a text, as web URIs.</summary>
    public static string WithWebUris(string text)
    {
        if (!text.Contains("urn:epcglobal:cbv:", StringComparison.Ordinal)) return text;
        foreach (var (urn, web) in Urns) text = text.Replace(urn, web, StringComparison.Ordinal);
        return text;
    }

    static FrozenSet<string> Of(string words) => words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
