/** What a plain MQTT client hears and is granted, without any promise of ours. */
import type { MqttClient } from "mqtt";

/** In a SUBACK (MQTT 3.1.1, section 3.9.3). */
export const SUBSCRIPTION_REFUSED = 0x80;

/** A message as it came; the text is its beginning. */
export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly bytes: number;
}

export function ears(client: MqttClient): readonly Heard[] {
  const heard: Heard[] = [];
  client.on("message", (topic, payload) => {
    heard.push({ topic, text: payload.subarray(0, 16).toString(), bytes: payload.length });
  });
  return heard;
}

/** What the SUBACK says: the quality of service, or 0x80. */
export async function grantOf(client: MqttClient, filter: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    client.subscribe(filter, { qos: 1 }, (_error, _granted, packet) => {
      const [code] = packet?.granted ?? [];
      if (typeof code === "number") resolve(code);
      else reject(new Error(`no answer for ${filter}`));
    });
  });
}
