/** A place on Earth in decimal degrees (WGS 84). */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** A circle on the map. */
export interface Circle extends Place {
  readonly radiusKm: number;
}

/** The mean radius of the Earth. */
export const earthRadiusKm = 6_371.0088;

export interface Box {
  readonly south: number;
  readonly north: number;
  /** Null where the circle holds a pole or crosses the date line: then no range of longitudes bounds it. */
  readonly longitudes: readonly [west: number, east: number] | null;
}

/** The box of coordinates around a circle: what is outside it is outside the circle. */
export function boxAround(circle: Circle): Box {
  const angle = circle.radiusKm / earthRadiusKm;
  const degrees = (angle * 180) / Math.PI;
  const slack = 1e-6;
  const south = circle.latitude - degrees - slack;
  const north = circle.latitude + degrees + slack;
  if (south <= -90 || north >= 90) return { south, north, longitudes: null };
  const width = (Math.asin(Math.sin(angle) / Math.cos((circle.latitude * Math.PI) / 180)) * 180) / Math.PI + slack;
  const west = circle.longitude - width;
  const east = circle.longitude + width;
  return { south, north, longitudes: west < -180 || east > 180 ? null : [west, east] };
}

/** Distance over the ground by the haversine formula. */
export function distanceKm(left: Place, right: Place): number {
  const radians = Math.PI / 180;
  const half =
    Math.sin(((right.latitude - left.latitude) * radians) / 2) ** 2 +
    Math.cos(left.latitude * radians) *
      Math.cos(right.latitude * radians) *
      Math.sin(((right.longitude - left.longitude) * radians) / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(half)));
}
