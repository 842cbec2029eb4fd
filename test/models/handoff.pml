/*
 * One committee hands over to the next (core/finality): what of the votes of two committees makes a checkpoint final.
 *
 * The root is the boundary: its state names the new committee, of which nobody is in the old one. A chain begins the new
 * epoch behind the block that holds the old committee's votes for root -> A1, by which the root is final. Chains may
 * take them in early, late or never; so of two chains one can be in the new epoch while the other never hears of it.
 *
 *     old epoch    a link counts with a quorum of the old committee
 *     new epoch    a link counts with a quorum of the new committee and one of the old
 *
 *   S1         no two checkpoints on different branches are ever final, whichever epochs they are in
 *   goes on    until the root is final there is something that the old committee may still vote for
 *
 * Who votes how is as in finality.pml: all of it is there from the beginning, anything that the rule of a vote lets an
 * honest member cast may come in any order, LIARS of the old committee have voted for everything. The new committee may
 * lie as it likes, all of it: what binds the two epochs together is the old one. In the mutants it has LIARS only, too.
 *
 *      root --+-- A1 --+-- A2 -- A3 -- A4
 *             +-- B1   +-- D2 -- D3 -- D4
 *
 * To look for something sooner: TOP=3 leaves the highest two out, LEAP=2 the links that leave more than one height out;
 * RECORDED_A=n takes only chains of which A begins the new epoch at height n and D never does.
 *
 * Mutants:
 *     FORWARD_ONLY        in the new epoch the new committee alone decides
 *     UNTIL_FINAL         the old committee alone goes on deciding wherever it does not know the root to be final, and the
 *                         new one alone decides behind what is final, whatever the chain has recorded
 *     NO_GAP              a third committee follows as soon as the next checkpoint, A1, is final; it and the second decide
 *     STOP_AT_BOUNDARY    the old committee votes for the heights that make the boundary final and for none beyond; when
 *                         its votes there are divided between A1 and B1, nothing goes on
 *     LIARS=2             more of the old committee than it bears
 */
#define MEMBERS 4
#define QUORUM 3
#ifndef LIARS
#define LIARS 1
#endif
#define HONEST (MEMBERS - LIARS)
#ifndef TOP
#define TOP 4
#endif
#ifndef LEAP
#define LEAP TOP
#endif
#define NEVER 5

#define ROOT 0
#define A1 1
#define B1 2
#define A2 3
#define A3 4
#define A4 5
#define D2 6
#define D3 7
#define D4 8
#define CHECKPOINTS 9

/* LINK(number, source, its height, target, its height, epoch of the target), in the order of the targets' heights. */
#define EACH_LINK(LINK) \
  LINK( 0, ROOT, 0, A1, 1, 0)           LINK( 1, ROOT, 0, B1, 1, 0) \
  LINK( 2, ROOT, 0, A2, 2, EPOCH_A(2))  LINK( 3, A1, 1, A2, 2, EPOCH_A(2)) \
  LINK( 4, ROOT, 0, D2, 2, EPOCH_D(2))  LINK( 5, A1, 1, D2, 2, EPOCH_D(2)) \
  LINK( 6, ROOT, 0, A3, 3, EPOCH_A(3))  LINK( 7, A1, 1, A3, 3, EPOCH_A(3))  LINK( 8, A2, 2, A3, 3, EPOCH_A(3)) \
  LINK( 9, ROOT, 0, D3, 3, EPOCH_D(3))  LINK(10, A1, 1, D3, 3, EPOCH_D(3))  LINK(11, D2, 2, D3, 3, EPOCH_D(3)) \
  LINK(12, ROOT, 0, A4, 4, EPOCH_A(4))  LINK(13, A1, 1, A4, 4, EPOCH_A(4)) \
  LINK(14, A2, 2, A4, 4, EPOCH_A(4))    LINK(15, A3, 3, A4, 4, EPOCH_A(4)) \
  LINK(16, ROOT, 0, D4, 4, EPOCH_D(4))  LINK(17, A1, 1, D4, 4, EPOCH_D(4)) \
  LINK(18, D2, 2, D4, 4, EPOCH_D(4))    LINK(19, D3, 3, D4, 4, EPOCH_D(4))
#define LINKS 20

byte recordedA;                 /* the height on A from which on the new epoch counts, NEVER for not at all */
byte recordedD;
#define EPOCH_A(height) (height >= recordedA)
#define EPOCH_D(height) (height >= recordedD)

byte oldVotes[LINKS];           /* by honest members; the liars have voted for each */
byte newVotes[LINKS];           /* only where they are honest */
bool isJustified[CHECKPOINTS];
bool isFinal[CHECKPOINTS];
byte oldBound[HONEST];          /* 8 * last target + last source, in descending order */
byte newBound[HONEST];

#define SOURCE_OF(bound) (bound & 7)
#define TARGET_OF(bound) (bound >> 3)
/* More votes than are needed change nothing. */
#define VOTED(votes) votes = (votes + LIARS < QUORUM -> votes + 1 : votes)
#define OLD_QUORUM(link) (oldVotes[link] + LIARS >= QUORUM)
#if defined(FORWARD_ONLY) || defined(UNTIL_FINAL) || defined(NO_GAP)
#define NEW_IS_HONEST
#define NEW_QUORUM(link) (newVotes[link] + LIARS >= QUORUM)
#else
#define NEW_QUORUM(link) true
#endif

/* There is a block of the new epoch only once what begins it could be recorded. */
#define EXISTS(epoch) (!(epoch) || isFinal[ROOT])
#ifdef STOP_AT_BOUNDARY
#define OLD_HEIGHT_MAX 1
#else
#define OLD_HEIGHT_MAX TOP
#endif

#if defined(FORWARD_ONLY)
#define COUNTS(link, source, high, epoch) ((epoch) -> NEW_QUORUM(link) : OLD_QUORUM(link))
#elif defined(UNTIL_FINAL)
#define COUNTS(link, source, high, epoch) (OLD_QUORUM(link) || (isFinal[ROOT] && source != ROOT && NEW_QUORUM(link)))
#elif defined(NO_GAP)
/* The third committee, all of it honest, votes on A alone. */
#define THIRD(high) (isFinal[A1] && high > recordedA)
#define COUNTS(link, source, high, epoch) \
  (OLD_QUORUM(link) && (!(epoch) || NEW_QUORUM(link)) || \
   (THIRD(high) && source != ROOT && (source == A2 || source == A3) && NEW_QUORUM(link)))
#else
#define COUNTS(link, source, high, epoch) (OLD_QUORUM(link) && (!(epoch) || NEW_QUORUM(link)))
#endif

#ifdef UNTIL_FINAL
#define NEW_HAS_SEAT(source, epoch) (isFinal[ROOT] && source != ROOT)
#else
#define NEW_HAS_SEAT(source, epoch) (epoch)
#endif

#define COUNT(link, source, low, target, high, epoch) \
  if \
  :: isJustified[source] && EXISTS(epoch) && COUNTS(link, source, high, epoch) -> \
     isJustified[target] = true; \
     if :: high == low + 1 -> isFinal[source] = true :: else fi \
  :: else \
  fi;

/* A vote for the highest checkpoint that is not from the one before it changes nothing here: it is as good as none. */
#ifdef STOP_AT_BOUNDARY
#define MATTERS(target, low, high) true
#else
#define MATTERS(target, low, high) (target != B1 && high - low <= LEAP && (high < TOP || low == TOP - 1))
#endif

#define OLD_VOTE(link, source, low, target, high, epoch) \
  :: isJustified[source] && EXISTS(epoch) && high <= OLD_HEIGHT_MAX && MATTERS(target, low, high) && \
     low >= SOURCE_OF(oldBound[me]) && high > TARGET_OF(oldBound[me]) -> \
     VOTED(oldVotes[link]); oldBound[me] = 8 * high + low

#define NEW_VOTE(link, source, low, target, high, epoch) \
  :: isJustified[source] && EXISTS(epoch) && high <= TOP && MATTERS(target, low, high) && NEW_HAS_SEAT(source, epoch) && \
     low >= SOURCE_OF(newBound[me]) && high > TARGET_OF(newBound[me]) -> \
     VOTED(newVotes[link]); newBound[me] = 8 * high + low

#define LOWEST_TARGET TARGET_OF(oldBound[HONEST - 1])

inline count() {
  EACH_LINK(COUNT)
  assert(!((isFinal[A2] || isFinal[A3]) && (isFinal[D2] || isFinal[D3])));                  /* S1 */
  assert(!(isFinal[A1] && isFinal[B1]));                                                    /* S1 */
  assert(isFinal[ROOT] || LOWEST_TARGET == TOP || LOWEST_TARGET < OLD_HEIGHT_MAX)           /* goes on */
}

/* Members of a committee are alike: of all orders of their registers only one is kept. */
#define SORT(bound) \
  place = 1; \
  do \
  :: place < HONEST -> \
     me = place; \
     do \
     :: me > 0 && bound[me] > bound[me - 1] -> \
        swap = bound[me]; bound[me] = bound[me - 1]; bound[me - 1] = swap; \
        me-- \
     :: else -> break \
     od; \
     place++ \
  :: else -> break \
  od

inline anybody() {
  if
  :: me = 0
  :: me = 1
#if HONEST > 2
  :: me = 2
#endif
#if HONEST > 3
  :: me = 3
#endif
  fi
}

hidden byte place;
hidden byte swap;
byte me;

active proctype Committees() {
  atomic {
    isJustified[ROOT] = true;
#ifdef RECORDED_A
    recordedA = RECORDED_A; recordedD = NEVER
#else
    if :: recordedA = 2 :: recordedA = 3 :: recordedA = 4 :: recordedA = NEVER fi;
    if :: recordedD = 2 :: recordedD = 3 :: recordedD = 4 :: recordedD = NEVER fi;
    recordedA <= recordedD      /* the branches are alike */
#endif
  }
  do
  :: atomic {
       anybody();
       if
       EACH_LINK(OLD_VOTE)
       :: else
       fi;
       d_step { SORT(oldBound); count(); me = 0 }
     }
#ifdef NEW_IS_HONEST
  :: atomic {
       anybody();
       if
       EACH_LINK(NEW_VOTE)
       :: else
       fi;
       d_step { SORT(newBound); count(); me = 0 }
     }
#endif
  od
}
