/*
 * The handshake (SIGMA-I with a co-signed OPEN) against a Dolev-Yao network.
 *
 * An honest vehicle V runs once, an honest station S twice. The intruder is the network, and owns a certified station M
 * and a certified vehicle N. Ephemeral keys: 1 the vehicle's, 2 and 3 the station's two, 9 the intruder's; a session key
 * is known to the intruder if one of its two ephemerals is his. An OPEN names vehicle, station and transcript, is signed
 * by the vehicle, then by the station, and is public once it is on the chain.
 *
 *   agreement   a station that commits to V met V, in that very run, and V meant S
 *   injective   not in two runs
 *   matching    a vehicle that commits to S has a run of S that committed to it
 *   identity    V tells who it is only to a station that has proven itself
 *
 * Mutants: NO_STATION     OPEN does not name the station and does not bind the transcript
 *          NO_TRANSCRIPT  OPEN does not bind the transcript
 *          UNBOUND_M2     the station's M2 signature does not bind the transcript
 *          RELAYED        asks for what the handshake does not give without a physical binding: that V is plugged into
 *                         the very station it is billed by; BINDING adds the check that gives it
 */
#define V 1
#define N 2
#define S 3
#define M 4
#define INTRUDER 9
#define stationKey(r) (2 + (r))

byte plug;

bool hasSentM1;
byte peerKey;               /* V's view */
byte peerStation;
bool hasSentM3;
bool isVehicleDone;

byte keyInM1[2];            /* S's two runs */
bool hasSentM2[2];
byte partner[2];
bool isStationDone[2];

bool knowsM2Signature;      /* the intruder holds some M2 signature of S */
bool knowsOpen;             /* and V's signature under an OPEN, for this station and this key of the other side */
byte openStation;
byte openKey;

#ifdef NO_STATION
#define NAMES_S(station) true
#else
#define NAMES_S(station) ((station) == S)
#endif
#if defined(NO_TRANSCRIPT) || defined(NO_STATION)
#define BINDS(key, r) true
#else
#define BINDS(key, r) false   /* a transcript with the vehicle's key is never one with the intruder's */
#endif

proctype Vehicle() {
  atomic { hasSentM1 = true }
  if                                                                     /* M2 */
  :: atomic { hasSentM2[0] && keyInM1[0] == 1 -> peerKey = stationKey(0); peerStation = S }
  :: atomic { hasSentM2[1] && keyInM1[1] == 1 -> peerKey = stationKey(1); peerStation = S }
  :: atomic { true -> peerKey = INTRUDER; peerStation = M }
#ifdef UNBOUND_M2
  :: atomic { knowsM2Signature -> peerKey = INTRUDER; peerStation = S }
#endif
  fi;
#ifdef BINDING
  if :: atomic { peerStation != plug -> peerStation = 0; peerKey = 0; goto stop } :: else fi;
#endif
  atomic {
    assert(!(peerKey == INTRUDER && peerStation == S));                  /* identity */
    hasSentM3 = true;
    if :: peerKey == INTRUDER -> knowsOpen = true; openStation = peerStation; openKey = INTRUDER :: else fi
  }
  if                                                                     /* M4 */
  :: atomic { peerStation == M -> isVehicleDone = true }
  :: atomic { peerKey == INTRUDER && peerStation == S -> goto stop }
  :: atomic { peerKey == 2 && isStationDone[0] && keyInM1[0] == 1 && partner[0] == V -> isVehicleDone = true }
  :: atomic { peerKey == 3 && isStationDone[1] && keyInM1[1] == 1 && partner[1] == V -> isVehicleDone = true }
  fi;
  atomic {
    if
    :: peerStation == S && isVehicleDone ->                              /* matching */
       assert((isStationDone[0] && partner[0] == V && peerKey == 2) ||
              (isStationDone[1] && partner[1] == V && peerKey == 3))
    :: else
    fi
  }
stop: skip
}

proctype Station(byte r) {
  if                                                                     /* M1, the vehicle's or the intruder's */
  :: atomic { hasSentM1 -> keyInM1[r] = 1 }
  :: atomic { true -> keyInM1[r] = INTRUDER }
  fi;
  atomic { hasSentM2[r] = true; knowsM2Signature = knowsM2Signature || keyInM1[r] == INTRUDER }
  if                                                                     /* M3 */
  :: atomic { keyInM1[r] == 1 && hasSentM3 && peerKey == stationKey(r) -> partner[r] = V }
  :: atomic { keyInM1[r] == INTRUDER -> partner[r] = N }
  :: atomic { keyInM1[r] == INTRUDER && knowsOpen && NAMES_S(openStation) && BINDS(openKey, r) -> partner[r] = V }
  fi;
#ifdef BINDING
  if :: atomic { partner[r] == V && plug != S -> partner[r] = 0; goto stop } :: else fi;
#endif
  d_step {
    isStationDone[r] = true;
    if
    :: partner[r] == V ->
       assert(hasSentM3 && peerStation == S && peerKey == stationKey(r) && keyInM1[r] == 1);   /* agreement */
       assert(!(isStationDone[1 - r] && partner[1 - r] == V));                                 /* injective */
#ifdef RELAYED
       assert(plug == S);
#endif
       knowsOpen = true; openStation = S; openKey = stationKey(r)
    :: else
    fi
  }
stop: skip
}

init {
  atomic {
    if :: plug = S :: plug = M fi;
    run Vehicle(); run Station(0); run Station(1)
  }
}
