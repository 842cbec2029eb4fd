/** The versions of OCPI in which a CDR is written. */
export const OCPI_VERSIONS = ["2.2.1", "2.3.0"] as const;
export type OcpiVersion = (typeof OCPI_VERSIONS)[number];
