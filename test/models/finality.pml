/*
 * The rule by which members vote for checkpoints, and what of that makes one final (core/finality).
 *
 *     a vote       goes from a justified checkpoint to one above it on the same chain; the source never lies lower and
 *                  the target always lies higher than in the vote before
 *     justified    the root; and a checkpoint to which a quorum goes from a justified one
 *     final        a justified checkpoint from which a quorum goes to the very next height
 *
 *   S1         no two checkpoints on different branches are ever final
 *   no dead endevery source that an honest member is bound to is justified, so that a vote from the highest justified
 *              checkpoint to a new height is open to everybody
 *
 * All of the tree is there from the beginning, and honest members cast any votes that the rule lets them, in any order:
 * whoever sees less has fewer to choose from, so this holds every delay, partition and fork choice. LIARS of the members
 * have voted for everything. Members are alike, so their registers are kept in order: a sixth of the states.
 *
 *                            +-- C2 -- C3 -- C4
 *      root --+-- A1 --------+-- A2 -- A3 -- A4
 *             +-- B1 ----------- B2 -- B3 -- B4
 *
 * Mutants: NO_SOURCE_RULE   the source may lie lower than before
 *          NO_TARGET_RULE   a second vote for one height is cast
 *          FINAL_BY_ANY_LINK   a link that leaves a height out makes its source final, too
 *          FORGETFUL        one honest member loses its register once, beside the one liar
 *          LIARS=2          more of them than four members bear; seven bear them (MEMBERS=7)
 */
#ifndef MEMBERS
#define MEMBERS 4
#endif
#define QUORUM ((2 * MEMBERS) / 3 + 1)
#ifndef LIARS
#define LIARS 1
#endif
#define HONEST (MEMBERS - LIARS)

#define ROOT 0
#define A1 1
#define A2 2
#define A3 3
#define A4 4
#define B1 5
#define B2 6
#define B3 7
#define B4 8
#define C2 9
#define C3 10
#define C4 11
#define CHECKPOINTS 12

/* LINK(number, source, its height, target, its height), in the order of the targets' heights. */
#define EACH_LINK(LINK) \
  LINK( 0, ROOT, 0, A1, 1) LINK( 1, ROOT, 0, B1, 1) \
  LINK( 2, ROOT, 0, A2, 2) LINK( 3, A1, 1, A2, 2) LINK( 4, ROOT, 0, C2, 2) LINK( 5, A1, 1, C2, 2) \
  LINK( 6, ROOT, 0, B2, 2) LINK( 7, B1, 1, B2, 2) \
  LINK( 8, ROOT, 0, A3, 3) LINK( 9, A1, 1, A3, 3) LINK(10, A2, 2, A3, 3) \
  LINK(11, ROOT, 0, C3, 3) LINK(12, A1, 1, C3, 3) LINK(13, C2, 2, C3, 3) \
  LINK(14, ROOT, 0, B3, 3) LINK(15, B1, 1, B3, 3) LINK(16, B2, 2, B3, 3) \
  LINK(17, ROOT, 0, A4, 4) LINK(18, A1, 1, A4, 4) LINK(19, A2, 2, A4, 4) LINK(20, A3, 3, A4, 4) \
  LINK(21, ROOT, 0, C4, 4) LINK(22, A1, 1, C4, 4) LINK(23, C2, 2, C4, 4) LINK(24, C3, 3, C4, 4) \
  LINK(25, ROOT, 0, B4, 4) LINK(26, B1, 1, B4, 4) LINK(27, B2, 2, B4, 4) LINK(28, B3, 3, B4, 4)
#define LINKS 29

byte votes[LINKS];              /* by honest members; the liars have voted for each */
bool isJustified[CHECKPOINTS];
bool isFinal[CHECKPOINTS];
byte bound[HONEST];          /* 8 * last target + last source, in descending order */
bool hasForgotten;

#define SOURCE_OF(member) (bound[member] & 7)
#define TARGET_OF(member) (bound[member] >> 3)

#ifdef NO_SOURCE_RULE
#define SOURCE_ALLOWED(member, height) true
#else
#define SOURCE_ALLOWED(member, height) (height >= SOURCE_OF(member))
#endif
#ifdef NO_TARGET_RULE
#define TARGET_ALLOWED(member, height) (height >= TARGET_OF(member))
#else
#define TARGET_ALLOWED(member, height) (height > TARGET_OF(member))
#endif
#ifdef FINAL_BY_ANY_LINK
#define MAKES_FINAL(low, high) true
#else
#define MAKES_FINAL(low, high) (high == low + 1)
#endif

/* More votes than are needed change nothing. */
#define VOTED(votes) votes = (votes + LIARS < QUORUM -> votes + 1 : votes)

#define COUNT(link, source, low, target, high) \
  if \
  :: isJustified[source] && votes[link] + LIARS >= QUORUM -> \
     isJustified[target] = true; \
     if :: MAKES_FINAL(low, high) -> isFinal[source] = true :: else fi \
  :: else \
  fi;

/* A vote for the highest checkpoint that is not from the one before it changes nothing here: it is as good as none. */
#ifdef FINAL_BY_ANY_LINK
#define MATTERS(low, high) true
#else
#define MATTERS(low, high) (high < 4 || low == 3)
#endif

#define VOTE(link, source, low, target, high) \
  :: isJustified[source] && MATTERS(low, high) && SOURCE_ALLOWED(me, low) && TARGET_ALLOWED(me, high) -> \
     VOTED(votes[link]); bound[me] = 8 * high + low

inline count() {
  EACH_LINK(COUNT)
  finalOnA = isFinal[A2] || isFinal[A3] || isFinal[A4];
  finalOnB = isFinal[B1] || isFinal[B2] || isFinal[B3] || isFinal[B4];
  finalOnC = isFinal[C2] || isFinal[C3] || isFinal[C4];
  assert(!(finalOnB && (isFinal[A1] || finalOnA || finalOnC)));                             /* S1 */
  assert(!(finalOnA && finalOnC));                                                          /* S1 */
  highest = 0;
  if :: isJustified[A1] || isJustified[B1] -> highest = 1 :: else fi;
  if :: isJustified[A2] || isJustified[B2] || isJustified[C2] -> highest = 2 :: else fi;
  if :: isJustified[A3] || isJustified[B3] || isJustified[C3] -> highest = 3 :: else fi;
  if :: isJustified[A4] || isJustified[B4] || isJustified[C4] -> highest = 4 :: else fi;
  me = 0;
  do
  :: me < HONEST -> assert(SOURCE_OF(me) <= highest); me++                                  /* no dead end */
  :: else -> break
  od
}

/* Members are alike: of all orders of their registers only one is kept. */
inline sort() {
  place = 1;
  do
  :: place < HONEST ->
     me = place;
     do
     :: me > 0 && bound[me] > bound[me - 1] ->
        swap = bound[me]; bound[me] = bound[me - 1]; bound[me - 1] = swap;
        me--
     :: else -> break
     od;
     place++
  :: else -> break
  od
}

hidden byte place;
hidden byte swap;
hidden byte highest;
hidden byte finalOnA;
hidden byte finalOnB;
hidden byte finalOnC;
byte me;

active proctype Members() {
  isJustified[ROOT] = true;
  do
  :: atomic {
       if :: me = 0
#if HONEST > 1
          :: me = 1
#endif
#if HONEST > 2
          :: me = 2
#endif
#if HONEST > 3
          :: me = 3
          :: me = 4
#endif
       fi;
       if
       EACH_LINK(VOTE)
#ifdef FORGETFUL
       :: !hasForgotten && bound[me] > 0 -> hasForgotten = true; bound[me] = 0
#endif
       :: else        /* nothing is left to this one */
       fi;
       d_step { count(); sort(); me = 0 }
     }
  od
}
