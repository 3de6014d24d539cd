namespace Hufu.Services;

/// <summary>The services there are: one line each.</summary>
public static class ServiceCatalog
{
    public static IReadOnlyList<Service> All(Rooms rooms)
    {
        StablecoinService stablecoin;
        return
        [
            stablecoin = new StablecoinService(rooms),
            new PaymentsService(rooms, stablecoin.Index),
            new TraceabilityService(rooms),
        ];
    }
}
