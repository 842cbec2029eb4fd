/** The languages that a receipt can be written in. */
import type { Catalogue, Language } from "./catalogue.ts";
import { ENGLISH } from "./english.ts";
import { GERMAN } from "./german.ts";

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en: ENGLISH, de: GERMAN };

export const LANGUAGES = Object.keys(CATALOGUES) as readonly Language[];
