/*
 * Two handoffs, one after the other (core/finality, decision 0040): three committees of which the first and the last
 * have nobody in common. handoff.pml searches what happens around one; here one chain may be two epochs further than
 * the other, which never heard of what began them.
 *
 *     epoch 0    a link counts with a quorum of the first committee
 *     epoch 1    with one of the first and one of the second
 *     epoch 2    with one of the second and one of the third
 *
 *   S1    no two checkpoints on different branches are ever final, whichever epochs they are in
 *
 * The root is the first boundary and final, A1 is justified: the one handoff is behind both branches. A branch records
 * that before the height where its epoch 1 begins, or never; that height is its second boundary, the lowest that the gap
 * of decision 0040 leaves; and behind the block that records it as final, two heights above at the least, its epoch 2
 * begins, or never does. The branches have the heights up to the fork in common, which is at 1, 2 or 3.
 *
 *      root -- A1 -- A2 -- A3 -- A4 -- A5
 *               +--- D2 -- D3 -- D4 -- D5          or D3 to D5 behind A2, or D4 and D5 behind A3
 *
 * All votes are there from the beginning, as in finality.pml, and any order of them is searched, although they are cast
 * by height here: a member's targets only ever grow; whether it may vote for a target hangs on what is justified and
 * final below it, and that on votes for lower targets alone. So of any run there is one with the same votes in the order
 * of their targets. One vote of a member for a height is then all that there can be, and of its register only the last
 * source still matters. A committee that bears its liars has a quorum for one link to a height at most, and a vote for
 * any other only binds who cast it; so what is chosen is for which link there is a quorum, if any, and whose votes made it.
 *
 * LIARS of the first and of the second committee have voted for everything, the third lies as it likes, all of it.
 *
 * To look for something sooner: FORK=n takes only branches that part at n, FIRST=n only those on which epoch 1 begins
 * at n. TOP=6 has one height more.
 *
 * Mutants:
 *     FORWARD_ONLY   in epoch 2 the third committee alone decides
 *     NO_REAR        in epoch 1 the second committee alone decides, and it may lie as it likes
 *     NO_GAP         the second boundary is A1, so that epoch 2 can begin where the other branch knows of no epoch 1
 *     UNRECORDED     epoch 2 begins two heights behind the second boundary, whether that is final or not
 *     NO_SOURCE_RULE a vote's source may be lower than that of the vote before
 *     LIARS=2        more of the first committee than it bears
 *     MID_LIARS=2    more of the second; it takes a height more to make two branches final with it
 */
#define MEMBERS 4
#define QUORUM 3
#ifndef LIARS
#define LIARS 1
#endif
#ifndef MID_LIARS
#define MID_LIARS 1
#endif
#define HONEST (MEMBERS - LIARS)
#define MID_HONEST (MEMBERS - MID_LIARS)
#ifndef TOP
#define TOP 5
#endif
#define NEVER (TOP + 1)

/* The checkpoint at a height of branch 0, which is A, or 1, which is D. */
#define NODE(branch, height) ((branch) == 0 || (height) <= fork -> (height) : (height) + TOP)
#define CHECKPOINTS (2 * TOP + 1)
/* The link to the height at hand, on a branch, from a lower height. */
#define LINK(branch, low) ((branch) * TOP + (low))
#define LOW_OF(link) (link % TOP)
#define NONE 255

byte fork;
byte first[2];                  /* by branch, the height from which on epoch 1 counts, NEVER for not at all */
byte second[2];                 /* and epoch 2 */
#define EPOCH(branch) (height >= second[branch] -> 2 : (height >= first[branch] -> 1 : 0))

byte height = 2;                /* of the targets that are voted for */
byte asked;                     /* so many members have voted, or not, for this height */
byte missing;                   /* honest votes that the chosen link still needs */
byte oldLink = NONE;            /* to this height, for which the first committee has a quorum */
byte midLink = NONE;            /* the same of the second */
byte oldBound[HONEST];          /* the last source, in descending order */
byte midBound[MID_HONEST];
bool isJustified[CHECKPOINTS];
bool isFinal[CHECKPOINTS];

#define OLD_QUORUM(link) (oldLink == link)
#define MID_QUORUM(link) (midLink == link)

#ifdef NO_GAP
#define SECOND_BOUNDARY(branch) 1
#else
#define SECOND_BOUNDARY(branch) first[branch]
#endif
#ifdef UNRECORDED
#define EXISTS(branch) true
#else
#define EXISTS(branch) (EPOCH(branch) < 2 || isFinal[NODE(branch, SECOND_BOUNDARY(branch))])
#endif
#ifdef FORWARD_ONLY
#define IN_EPOCH_2(link) true
#else
#define IN_EPOCH_2(link) MID_QUORUM(link)
#endif
#ifdef NO_REAR
#define IN_EPOCH_1(link) true
#else
#define IN_EPOCH_1(link) (OLD_QUORUM(link) && MID_QUORUM(link))
#endif
#define COUNTS(branch, link) \
  (EPOCH(branch) == 2 -> IN_EPOCH_2(link) : (EPOCH(branch) == 1 -> IN_EPOCH_1(link) : OLD_QUORUM(link)))

#ifdef NO_SOURCE_RULE
#define KEEPS(bound, low) true
#else
#define KEEPS(bound, low) ((low) >= bound)
#endif
/* What both branches have in common is voted for as A's. */
#define MAY_COUNT(branch, low) \
  ((low) < height && ((branch) == 0 || height > fork) && isJustified[NODE(branch, low)] && EXISTS(branch))
#define OLD_LINK(branch, low) \
  :: MAY_COUNT(branch, low) && EPOCH(branch) < 2 -> oldLink = LINK(branch, low); missing = QUORUM - LIARS
#define MID_LINK(branch, low) \
  :: MAY_COUNT(branch, low) && EPOCH(branch) > 0 -> midLink = LINK(branch, low); missing = QUORUM - MID_LIARS
#if TOP > 5
#define EACH_SOURCE(CHOOSE, branch) \
  CHOOSE(branch, 0) CHOOSE(branch, 1) CHOOSE(branch, 2) CHOOSE(branch, 3) CHOOSE(branch, 4) CHOOSE(branch, 5)
#else
#define EACH_SOURCE(CHOOSE, branch) \
  CHOOSE(branch, 0) CHOOSE(branch, 1) CHOOSE(branch, 2) CHOOSE(branch, 3) CHOOSE(branch, 4)
#endif

inline count() {
  branch = 0;
  do
  :: branch < 2 && (branch == 0 || height > fork) ->
     low = 0;
     do
     :: low < height ->
        if
        :: isJustified[NODE(branch, low)] && EXISTS(branch) && COUNTS(branch, LINK(branch, low)) ->
           isJustified[NODE(branch, height)] = true;
           if :: height == low + 1 -> isFinal[NODE(branch, low)] = true :: else fi
        :: else
        fi;
        low++
     :: else -> break
     od;
     branch++
  :: else -> break
  od;
  finalAbove[0] = 0; finalAbove[1] = 0; branch = 0;
  do
  :: branch < 2 ->
     low = fork + 1;
     do
     :: low <= TOP -> finalAbove[branch] = finalAbove[branch] || isFinal[NODE(branch, low)]; low++
     :: else -> break
     od;
     branch++
  :: else -> break
  od;
  assert(!(finalAbove[0] && finalAbove[1]))                                                 /* S1 */
}

/* Members of a committee are alike: of all orders of their registers only one is kept. */
#define SORT(bound, honest) \
  low = 1; \
  do \
  :: low < honest -> \
     branch = low; \
     do \
     :: branch > 0 && bound[branch] > bound[branch - 1] -> \
        swap = bound[branch]; bound[branch] = bound[branch - 1]; bound[branch - 1] = swap; \
        branch-- \
     :: else -> break \
     od; \
     low++ \
  :: else -> break \
  od

hidden byte branch;
hidden byte low;
hidden byte swap;
hidden byte finalAbove[2];

/* As many of the honest as the link needs, each bound by its register. */
#define MEMBERS_VOTE(bound, honest, link) \
  asked = 0; \
  do \
  :: asked < honest && missing > 0 && KEEPS(bound[asked], LOW_OF(link)) -> \
     bound[asked] = LOW_OF(link); missing--; asked++ \
  :: asked < honest -> asked++ \
  :: asked == honest -> break \
  od; \
  missing == 0; \
  asked = 0;

inline begin(side) {
#ifdef FIRST
  first[side] = FIRST;
#else
  if :: first[side] = 2 :: first[side] = 3 :: first[side] = 4 :: first[side] = NEVER fi;
#endif
#ifdef NO_GAP
  if :: first[side] < NEVER -> second[side] = first[side] + 1 :: second[side] = NEVER fi;
#else
  if
  :: first[side] + 2 <= TOP -> second[side] = first[side] + 2
  :: first[side] + 3 <= TOP -> second[side] = first[side] + 3
  :: second[side] = NEVER
  fi;
#endif
}

active proctype Committees() {
  atomic {
#ifdef FORK
    fork = FORK;
#else
    if :: fork = 1 :: fork = 2 :: fork = 3 fi;
#endif
    isJustified[0] = true; isFinal[0] = true; isJustified[1] = true;
    begin(0);
    begin(1);
    /* What is recorded below the fork, both know. */
    (first[0] <= fork || first[1] <= fork) == (first[0] == first[1] && first[0] <= fork);
    first[0] < first[1] || (first[0] == first[1] && second[0] <= second[1])     /* the branches are alike */
  }
  do
  :: height <= TOP ->
     atomic {
       if
       :: true                  /* no quorum of the first committee */
       EACH_SOURCE(OLD_LINK, 0)
       EACH_SOURCE(OLD_LINK, 1)
       fi;
       MEMBERS_VOTE(oldBound, HONEST, oldLink)
       if
       :: true
       EACH_SOURCE(MID_LINK, 0)
       EACH_SOURCE(MID_LINK, 1)
       fi;
       MEMBERS_VOTE(midBound, MID_HONEST, midLink)
       d_step {
         count();
         SORT(oldBound, HONEST); SORT(midBound, MID_HONEST);
         height++; oldLink = NONE; midLink = NONE; branch = 0; low = 0 }
     }
  :: else -> break
  od
}
