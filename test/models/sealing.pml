/*
 * Who seals when: ranks that become due slot after slot, a cooldown that moves the last sealers to the end, clocks that
 * differ by a slot, gateways that are away for good and gateways that restart having lost the block they sealed.
 *
 *   progress   whoever is there, a block comes within as many slots as there are ranks, and the clocks' difference
 *   one-slot   nobody signs two blocks in one slot
 *   S12        time on the chain only grows
 *
 * Mutants: EXCLUDE_RECENT   the last sealers may not seal at all, as in proof-of-authority chains that stalled on it
 *          FIRST_RANK_ONLY  the paper's rule alone: there is no fallback
 *          VOLATILE_SLOT    the slot that was signed in is not remembered over a restart
 *          NO_CLOCK_CHECK   blocks of the future are taken, so that a fast clock pulls time ahead
 */
#define NODES 4
#define COOLDOWN 3
#define BLOCKS 5
#define PATIENCE 7   /* NODES ranks, one slot for T, and two by which clocks may differ */

#ifdef EXCLUDE_RECENT
#define MAY_SEAL (myWait == COOLDOWN)
#else
#ifdef FIRST_RANK_ONLY
#define MAY_SEAL (myRank == 0)
#else
#define MAY_SEAL true
#endif
#endif

byte lastMiner[COOLDOWN];   /* newest first; NODES where there was none */
bool isThere[NODES];
byte clockAhead[NODES];     /* 0, 1, 2: one slot behind, right, one ahead */
byte lastSlot[NODES];       /* on flash */
byte signedIn[NODES];       /* what really was signed, to judge by */
byte now = 2;
byte sealedAt = 1;
byte serial;
byte forgotten;             /* blocks that a restart has lost */

/* The rank of a node: those who have not sealed lately keep their order, then whoever waited longest. */
inline rankOf(node, rank) {
  byte waited; byte other; byte theirs; byte place;
  waitOf(node, waited);
  rank = 0; other = 0;
  do
  :: other < NODES ->
     waitOf(other, theirs);
     if
     :: other != node && (theirs > waited || (theirs == waited && other < node)) -> rank++
     :: else
     fi;
     other++
  :: other >= NODES -> break
  od
}

/* How many blocks ago: COOLDOWN for whoever is not among the last sealers. */
inline waitOf(which, ago) {
  ago = 0;
  do
  :: ago < COOLDOWN && lastMiner[ago] != which -> ago++
  :: else -> break
  od
}

inline sealIfDue(node) {
  byte myRank; byte myTime; byte myWait;
  d_step {
    rankOf(node, myRank);
    waitOf(node, myWait);
    myTime = now + clockAhead[node] - 1;
  }
  if
  :: isThere[node] && MAY_SEAL && myTime >= sealedAt + 1 + myRank && myTime > lastSlot[node] ->
     atomic {
       lastSlot[node] = myTime;
       assert(signedIn[node] != myTime);                                                    /* one-slot */
       signedIn[node] = myTime;
       if
       :: forgotten < 2 -> forgotten++;   /* power fails before the block is durable or sent */
#ifdef VOLATILE_SLOT
          lastSlot[node] = 0
#endif
       :: true ->
          assert(myTime > sealedAt);                                                        /* S12 */
#ifndef NO_CLOCK_CHECK
          if :: myTime > now -> now = myTime :: else fi;   /* the others take it when its time has come */
#endif
          assert(myTime <= now);
          sealedAt = myTime;
          lastMiner[2] = lastMiner[1]; lastMiner[1] = lastMiner[0]; lastMiner[0] = node;
          serial++
       fi
     }
  :: else
  fi
}

active proctype Region() {
  byte node; byte waitedSlots;
  atomic {
    lastMiner[0] = NODES; lastMiner[1] = NODES; lastMiner[2] = NODES;
    for (node : 0 .. NODES - 1) {
      if :: isThere[node] = true :: isThere[node] = false fi;
      if :: clockAhead[node] = 0 :: clockAhead[node] = 1 :: clockAhead[node] = 2 fi
    }
    isThere[NODES - 1] = true    /* somebody is there */
  }
  do
  :: serial >= BLOCKS -> break
  :: serial < BLOCKS ->
     byte before = serial;
     atomic { node = 0 }
     do
     :: node < NODES -> sealIfDue(node); node++
     :: node < NODES && node > 0 && forgotten > 0 -> node--     /* it looks again in the same slot */
     :: node >= NODES -> break
     od;
     if
     :: serial > before -> waitedSlots = 0
     :: serial == before && now >= sealedAt -> waitedSlots++
     :: serial == before && now < sealedAt
     fi;
     assert(waitedSlots <= PATIENCE + forgotten);                                           /* progress */
     now++
  od
}
