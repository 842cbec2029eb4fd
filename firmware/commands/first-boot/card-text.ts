/** The example of a card's configuration for each role: short enough to see at once what is to be changed. */
import { GENESIS_NAME } from "../config-text.ts";
import { REPORT_NAME } from "./card-fault.ts";

export type CardRole = "charger" | "vehicle";

export function cardExample(role: CardRole): string {
  return `${HEAD}\n${role === "charger" ? CHARGER : VEHICLE}\n${NETWORK}`;
}

const HEAD = `# This file sets up the gateway. Change what stands behind =, save, and start the gateway with the card.
# A line that begins with # is only for you; take the # away to use what stands there.
# Quotes are plain ones: "so". Look at ${REPORT_NAME} afterwards: it says what is right, or what is wrong in which line.
`;

const CHARGER = `role = "charger"
name = "charger-1"               # letters, digits and dashes
organisation = ""                # who runs it; may stay empty

[meter]
model = "eastron-sdm630"         # the list of models is in README.txt
serial = "/dev/ttyUSB0"          # the RS-485 adapter
unit = 1                         # the Modbus address that is set at the meter
class = "B"                      # as printed on it

[charge_point]                   # what switches the current
driver = "simple-evse-wb"        # or "gpio-contactor", with [board] below
unit = 2

[charger]
power_max_w = 11000
phases = 3
current_max_a = 16               # what cable, contactor and fuse allow

[tariff]
currency = "EUR"
price_per_kwh = "0.35"           # in quotes, with tax

#[region]                        # without ${GENESIS_NAME} on this card the charger begins a region of its own
#name = "My garage"
#site = "site-1"

#[board]                         # lamps and stop button
#name = "rpi4b"                  # rpi3b-plus, rpi4b, rpi-zero2w, cm4-din, rpi5
`;

const VEHICLE = `role = "vehicle"
name = "car-1"                   # letters, digits and dashes
organisation = ""                # whose it is; may stay empty

# Copy ${GENESIS_NAME} from the charger's card onto this card.

[broker]
url = "mqtt://192.168.1.20:1883" # the charger's address: give it a fixed one on its card

[vehicle]
profile = "auto"                 # which car; auto asks it
serial = "/dev/ttyUSB0"          # the OBD adapter at USB; one on Wi-Fi has instead:
#host = "192.168.0.10"
#tcp_port = 35000
power_max_w = 11000              # what the car draws at most

#currency = "EUR"                # pay no more than this
#price_max_per_kwh = "0.60"

#[region]
#site = "site-1"                 # as at the charger

#[board]                         # lamps
#name = "rpi-zero2w"             # rpi3b-plus, rpi4b, rpi-zero2w, rpi5
`;

const NETWORK = `#[network]                       # nothing of this is needed at a cable with DHCP
#hostname = "charger-1"
#wifi_ssid = "Garage"
#wifi_password = 'the password'  # single quotes take every character as it is
#wifi_country = "DE"
#address = "192.168.1.20/24"     # a fixed one
#gateway = "192.168.1.1"
#dns = ["192.168.1.1"]
#ntp = ["pool.ntp.org"]          # time servers
`;
