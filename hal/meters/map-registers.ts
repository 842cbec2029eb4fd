/** The registers of a map under the names that the map gives them. */
import type {
  AnyRegister,
  EnergyCounter,
  EnergyRegister,
  IdentityRegister,
  NumberRegister,
  RegisterMap,
} from "#hal/protocols/modbus/register-map.ts";

export interface NamedRegister<Kind extends AnyRegister = AnyRegister> {
  /** Such as `quantities.voltage[1]`. */
  readonly path: string;
  readonly register: Kind;
}

/** Who the meter is. */
export function identityRegisters(map: RegisterMap): readonly NamedRegister<IdentityRegister>[] {
  const { serialNumber, firmware, modelCode, modelName } = map.identity;
  return Object.entries({ serialNumber, firmware, modelCode, modelName }).flatMap(([key, register]) =>
    register === undefined ? [] : [{ path: `identity.${key}`, register }],
  );
}

/** What a reading consists of, with what shows that the table fits. */
export function quantityRegisters(map: RegisterMap): readonly NamedRegister<NumberRegister>[] {
  const { power, voltage, current, frequency } = map.quantities;
  const { marks = [] } = map;
  return [
    ...marks.map((register, index) => ({ path: `marks[${index}]`, register })),
    ...counterRegisters(map),
    { path: "quantities.power", register: power },
    ...voltage.map((register, phase) => ({ path: `quantities.voltage[${phase}]`, register })),
    ...current.map((register, phase) => ({ path: `quantities.current[${phase}]`, register })),
    ...(frequency === undefined ? [] : [{ path: "quantities.frequency", register: frequency }]),
  ];
}

/** The lifetime counters with those that belong to them, without the finer ones. */
export function counterRegisters(map: RegisterMap): readonly NamedRegister<EnergyRegister>[] {
  const { importedEnergy, exportedEnergy } = map.quantities;
  return [
    ...named("quantities.importedEnergy", importedEnergy),
    ...(exportedEnergy === undefined ? [] : named("quantities.exportedEnergy", exportedEnergy)),
  ];
}

/** The finer counters, where the map has any. */
export function finerRegisters(map: RegisterMap): readonly NamedRegister<EnergyRegister>[] {
  const { importedEnergy, exportedEnergy } = map.quantities;
  return Object.entries({ importedEnergy, exportedEnergy }).flatMap(([key, counter]) =>
    counter?.finer === undefined ? [] : [{ path: `quantities.${key}.finer`, register: counter.finer }],
  );
}

function named(path: string, counter: EnergyCounter): readonly NamedRegister<EnergyRegister>[] {
  const { plus = [] } = counter;
  return [
    { path, register: counter },
    ...plus.map((register, index) => ({ path: `${path}.plus[${index}]`, register })),
  ];
}
