"""Distances on WGS-84. GCJ-02 and BD-09 exist only at the edge of a map, never here."""

import math

EARTH_RADIUS_M = 6_371_008.8  # mean radius of WGS-84 (IUGG R1)


def distance_m(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Great-circle distance in metres between two WGS-84 points in degrees (haversine).

    At most 0.5 % off the ellipsoid, far below the accuracy of a phone at the distances a geofence cares about.
    """
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_lat = math.sin((phi2 - phi1) / 2)
    half_lng = math.sin(math.radians(lng2 - lng1) / 2)
    h = half_lat * half_lat + math.cos(phi1) * math.cos(phi2) * half_lng * half_lng
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def is_position(lat: float, lng: float) -> bool:
    """True for finite degrees in range that are not 0/0, which every device reports when it knows nothing."""
    if not (math.isfinite(lat) and math.isfinite(lng)):
        return False
    return abs(lat) <= 90 and abs(lng) <= 180 and (lat, lng) != (0.0, 0.0)
