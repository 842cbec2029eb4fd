/**
 * Who charges where and when: each car has its turns, and waits for an outlet as cars do.
 *
 * Lets every vehicle charge so many times: at each charger one after the other, at all chargers at once. A car that has
 * waited longer goes first. Ends with the first failure.
 */
export async function takeTurns<Charger, Vehicle, Result>(
  chargers: readonly Charger[],
  vehicles: readonly Vehicle[],
  charges: number,
  drive: (charger: Charger, vehicle: Vehicle) => Promise<Result>,
): Promise<readonly Result[]> {
  const queue = Array.from({ length: charges }, () => vehicles).flat();
  const busy = new Set<Vehicle>();
  const done: Result[] = [];
  const released: (() => void)[] = [];
  const serve = async (charger: Charger): Promise<void> => {
    while (queue.length > 0) {
      const place = queue.findIndex((vehicle) => !busy.has(vehicle));
      const [vehicle] = place < 0 ? [] : queue.splice(place, 1);
      if (vehicle === undefined) {
        await new Promise<void>((resolve) => released.push(resolve));
        continue;
      }
      busy.add(vehicle);
      done.push(await drive(charger, vehicle));
      busy.delete(vehicle);
      for (const release of released.splice(0)) release();
    }
  };
  await Promise.all(chargers.map(serve));
  return done;
}
