/*
 * The safety register: two slots written in turn, so that what was signed is never forgotten (invariant S8).
 *
 * A gateway writes a number into the register, makes it durable, and only then signs with that number. At any step the
 * process may be killed (what was written stays readable but not durable) or the power may fail: of what was not durable
 * each sector is as before or as written, which reads as the old value, the new one, or none; a slot written over with
 * its own bytes cannot tear. A sync that lies is not modelled.
 *
 *   S8     no number is signed twice
 *   sound  one interrupted write never leaves both slots unreadable
 *
 * Mutants: ONE_SLOT        the newest slot is written over
 *          EARLY_SIGNATURE signed before the sync
 *          NO_SETTLE       what a killed process had written is believed without being made durable
 *          NO_REGISTER_READ the other slot is written next, whichever was the newer
 */
#define NUMBERS 6
#define CRASHES 4
#define BAD 255

byte durable[2];   /* number in each slot as it survives a power failure; BAD cannot be read */
byte cached[2];    /* as a process reads it */
bool isUnsynced[2];
bool isSigned[NUMBERS];
byte crashes;

/* Volatile: what the process believes. */
byte newest;
byte value;
byte target;

inline powerFails(slot) {
  if
  :: isUnsynced[slot] -> durable[slot] = cached[slot]
  :: isUnsynced[slot] && durable[slot] != cached[slot] -> durable[slot] = BAD
  :: true
  fi;
  isUnsynced[slot] = false;
  cached[slot] = durable[slot]
}

inline makeDurable() {
  durable[0] = cached[0]; isUnsynced[0] = false;
  durable[1] = cached[1]; isUnsynced[1] = false
}

inline read() {
  assert(cached[0] != BAD || cached[1] != BAD);                                             /* sound */
  if
  :: cached[0] == BAD -> newest = 1
  :: cached[1] == BAD -> newest = 0
  :: cached[0] != BAD && cached[1] != BAD && cached[0] >= cached[1] -> newest = 0
  :: cached[0] != BAD && cached[1] != BAD && cached[0] < cached[1] -> newest = 1
  fi;
#ifdef NO_REGISTER_READ
  newest = 0;
#endif
  value = cached[newest]
}

active proctype Gateway() {
start:
  atomic { read() }
#ifndef NO_SETTLE
  atomic { isUnsynced[newest] = true }   /* its own bytes again */
  if :: crashes < CRASHES -> goto crash :: true fi;
  atomic { makeDurable() }
#endif
work:
  if
  :: value + 1 >= NUMBERS -> goto done
  :: value + 1 < NUMBERS
  fi;
  atomic {
#ifdef ONE_SLOT
    target = newest;
#else
    target = 1 - newest;
#endif
    cached[target] = value + 1;
    isUnsynced[target] = true
  }
  if :: crashes < CRASHES -> goto crash :: true fi;
#ifdef EARLY_SIGNATURE
  atomic { assert(!isSigned[value + 1]); isSigned[value + 1] = true }
  if :: crashes < CRASHES -> goto crash :: true fi;
#endif
  atomic { makeDurable(); newest = target; value = value + 1 }
  if :: crashes < CRASHES -> goto crash :: true fi;
#ifndef EARLY_SIGNATURE
  atomic { assert(!isSigned[value]); isSigned[value] = true }                                   /* S8 */
#endif
  if :: crashes < CRASHES -> goto crash :: true fi;
  goto work;
crash:
  atomic {
    crashes++;
    if
    :: powerFails(0); powerFails(1)
    :: true                            /* the process was killed: the machine's cache goes on */
    fi;
    newest = 0; value = 0; target = 0
  }
  goto start;
done: skip
}
