/*
 * One charge, from the contract to its result (core/session, core/ledger/close-transactions.ts): two gateways that sign
 * what they measure, a channel that loses, gateways that restart or fall silent for good, and two branches of a chain
 * that get to know the signed words in any order and at any time, until both have all of them. Whichever branch is the
 * one that stays, the charge has to end alike.
 *
 *   one word   no side signs two reports with one number, across restarts (S8)
 *   S4, S5     what is settled on one branch is settled on the other in the end, for the same amount
 *   S6         what is billed was signed by both, and what is settled never changes again
 *   S7         no more flows than one interval beyond what the other side has confirmed
 *   L4         every charge has a result when its time is over, whoever is silent
 *
 * Amounts are intervals of energy. When the meters disagree, or one side has completed with less than the other, both
 * completions do not match, and no more is billed than the smaller amount.
 *
 * Mutants: VOLATILE_LOG    what was signed is not read again after a restart
 *          FIRST_WORD_LAST what comes after a result is not heard
 *          STATION_BILLS   who falls silent owes what the other says
 *          NO_GRACE        a side that has not completed is waited for without end
 *          NO_STOP         power flows on although nobody confirms
 *          LOG_BILLS       what a branch has of the reports is billed, whatever the completions say
 */
#define STATION 0
#define VEHICLE 1
#ifndef INTERVALS
#define INTERVALS 2
#endif
#ifndef NOT_AFTER
#define NOT_AFTER 1          /* the contract's end, in turns of the clock; the intervals may lie before any of them */
#endif
#define GRACE 1
#define OVER (NOT_AFTER + 3) /* from then on nothing is heard any more */

#define NOTHING 0
#define SETTLED 1
#define UNSETTLED 2          /* disputed or abandoned: both can still be settled */

bool differs;                /* the two meters do not agree */
byte flowed;                 /* intervals in which there was power */
byte said[2];              /* reports of each side, on its flash */
byte known[2];               /* what a side remembers to have signed, in memory */
byte heard;                  /* reports of the vehicle that the station has got: it is the one that can stop */
bool completed[2];

/* By branch. */
byte logS[2]; byte logV[2];  /* reports that stand */
bool doneS[2]; bool doneV[2];
byte doneSince[2];           /* the turn of the first completion; OVER for none */
byte result[2];
byte billed[2];
byte now;
byte branch;

#ifdef LOG_BILLS
#define AMOUNT_S logS[branch]
#define AMOUNT_V logV[branch]
#else
#define AMOUNT_S (doneS[branch] -> said[STATION] : logS[branch])
#define AMOUNT_V (doneV[branch] -> said[VEHICLE] : logV[branch])
#endif
#define LESS(one, other) ((one) < (other) -> (one) : (other))
#define MATCHES (doneS[branch] && doneV[branch] && !differs && said[STATION] == said[VEHICLE])

#ifdef NO_GRACE
#define GRACE_OVER false
#else
#define GRACE_OVER (now > LESS(NOT_AFTER, doneSince[branch]) + GRACE)
#endif
#ifdef STATION_BILLS
#define OWED AMOUNT_S
#else
#define OWED LESS(AMOUNT_S, AMOUNT_V)
#endif
#ifdef FIRST_WORD_LAST
#define IS_OPEN (result[branch] == NOTHING)
#else
#define IS_OPEN true
#endif
#ifdef NO_STOP
#define MAY_FLOW true
#else
#define MAY_FLOW (heard >= flowed)
#endif

/* A block of the branch, with what it knows. */
inline seal() {
  if
  :: result[branch] != SETTLED && MATCHES -> result[branch] = SETTLED; billed[branch] = AMOUNT_S
  :: result[branch] == NOTHING && !MATCHES && (GRACE_OVER || (doneS[branch] && doneV[branch])) ->
     result[branch] = UNSETTLED; billed[branch] = OWED
  :: else
  fi;
  assert(billed[branch] <= said[STATION] && billed[branch] <= said[VEHICLE])             /* S6 */
}

#define SAY(side) \
  :: atomic { known[side] < flowed && !completed[side] && now <= NOT_AFTER -> \
       known[side]++; \
       assert(known[side] > said[side]);                                                   /* one word */ \
       said[side] = known[side] } \
  :: atomic { !completed[side] && now <= NOT_AFTER + GRACE + 1 -> completed[side] = true } \
  :: atomic { said[side] > 0 -> AFTER_RESTART(side); if :: side == STATION -> heard = 0 :: else fi }

#ifdef VOLATILE_LOG
#define AFTER_RESTART(side) known[side] = 0
#else
#define AFTER_RESTART(side) known[side] = said[side]
#endif

/* Words reach a branch late, or not before they have to; reports one behind the other. A completion may come before the reports that it ends. */
#define LEARN(place) \
  :: atomic { IS_OPEN_AT(place) && logS[place] < said[STATION] -> logS[place]++ } \
  :: atomic { IS_OPEN_AT(place) && logV[place] < said[VEHICLE] -> logV[place]++ } \
  :: atomic { IS_OPEN_AT(place) && completed[STATION] && !doneS[place] -> \
       doneS[place] = true; doneSince[place] = LESS(doneSince[place], now) } \
  :: atomic { IS_OPEN_AT(place) && completed[VEHICLE] && !doneV[place] -> \
       doneV[place] = true; doneSince[place] = LESS(doneSince[place], now) }
#ifdef FIRST_WORD_LAST
#define IS_OPEN_AT(place) (now < OVER && result[place] == NOTHING)
#else
#define IS_OPEN_AT(place) (now < OVER)
#endif

inline learnAll() {
  if
  :: IS_OPEN ->
     logS[branch] = said[STATION]; logV[branch] = said[VEHICLE];
     doneS[branch] = completed[STATION]; doneV[branch] = completed[VEHICLE];
     if :: completed[STATION] || completed[VEHICLE] -> doneSince[branch] = LESS(doneSince[branch], now) :: else fi
  :: else
  fi
}

active proctype Charge() {
  byte before;
  atomic {
    doneSince[0] = OVER; doneSince[1] = OVER;
    if :: differs = true :: differs = false fi
  }
  do
  :: atomic { flowed < INTERVALS && now < NOT_AFTER && !completed[STATION] && MAY_FLOW ->
       flowed++;
       assert(flowed <= heard + 1) }                                                /* S7 */
  :: atomic { heard < said[VEHICLE] -> heard = said[VEHICLE] }          /* or it is lost */
  SAY(STATION)
  SAY(VEHICLE)
  LEARN(0)
  LEARN(1)
  :: atomic { now < OVER ->
       d_step {
         now++;
         branch = 0;
         do
         :: branch < 2 ->
            /* By then, everything has reached everybody (the branches have met). */
            if :: now == OVER -> learnAll() :: else fi;
            before = (result[branch] == SETTLED -> billed[branch] + 1 : 0);
            seal();
            assert(before == 0 || (result[branch] == SETTLED && billed[branch] + 1 == before)); /* S6 */
            branch++
         :: else -> break
         od;
         branch = 0; before = 0;
         assert(now < OVER || (result[0] != NOTHING && result[1] != NOTHING));               /* L4 */
         assert(now < OVER || (result[0] == SETTLED) == (result[1] == SETTLED));             /* S4, S5 */
         assert(now < OVER || result[0] != SETTLED || billed[0] == billed[1])                /* S4, S5 */
       } }
  :: now == OVER -> break
  od
}
