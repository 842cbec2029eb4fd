/** The ledger's store on flash: what others may use of this folder. */
export { openSegmentLog, SEGMENT_BYTES } from "./open-segment-log.ts";
export { segmentName } from "./segment-format.ts";
export type { OpenedSegmentLog, SegmentLogOptions } from "./open-segment-log.ts";
export { SegmentLog, WAITING_BYTES_MAX } from "./segment-log.ts";
export { StoreError } from "./store-error.ts";
export type { StoreErrorCode } from "./store-error.ts";
export { openSafetyRegister, FlashSafetyRegister, REGISTER_NAME } from "./safety-register.ts";
export type { OpenedSafetyRegister } from "./safety-register.ts";
export { REGISTER_VALUE_BYTES_MAX, SLOT_BYTES } from "./register-slot.ts";
export type { RegisterReading, RegisterState } from "./read-register.ts";
export { inspectSegments } from "./inspect-segments.ts";
export type { SegmentInspection } from "./inspect-segments.ts";
export { inspectFolder, inspectRegister } from "./inspect-folder.ts";
export type { FolderInspection } from "./inspect-folder.ts";
export type { LogPlace, StoredRecord } from "./examine-log.ts";
export { isTear } from "./finding.ts";
export type { Finding, FindingCode } from "./finding.ts";
