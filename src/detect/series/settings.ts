/** Version of the method: grows with every change that can alter a decision. */
export const DETECTOR_VERSION = '2.10.0';

/** Constants of the method, one set for every stream. Nats are natural-log units of evidence. */
export const SETTINGS = {
  /** Minutes that a node is watched before it may raise an anomaly. */
  learningMinutes: 15,
  /** Random walk of a log level: variance a minute. It sets the memory of a level by its volume. */
  levelProcessNoise: 1e-5,
  /** Bounds of that walk, which every volume tunes by itself until its errors are white, and how fast it does. */
  levelNoiseLeast: 1e-6,
  levelNoiseMost: 1e-3,
  levelNoiseGain: 0.01,
  levelNoisePull: 0.002,
  /** Random walk of the slope of the fleet (log level a minute), and the doubt about it at the start. */
  slopeProcessNoise: 1e-7,
  slopeUncertainty: 4e-6,
  /** The slow level forgets this many times slower. */
  slowFactor: 1 / 64,
  /** Shortest memory of the slow level. */
  slowMinutes: 360,
  /** Standard deviation of what the slow level expects, as a share: days differ. */
  slowError: 0.05,
  /** Standard deviation of the level of one day against the day before, as a share: Sundays are not Saturdays. */
  dayError: 0.2,
  /** The same for a weekday after a weekday. */
  weekdayError: 0.05,
  /** Minutes of a known daily curve after which the slow level can be trusted to tell a slow fall. */
  slowKnownMinutes: 720,
  /** Shortest fall against the slow level: what is quicker is for the fast one to tell. */
  slowLeastMinutes: 10,
  /** Most that one minute adds to the sum of the slow fall (nats, before its doubt). */
  slowSumMinuteMost: 400,
  /** Adverse statuses: memory of the slow reference, minutes of it before it can tell a sustained rise, and shortest rise that it reports. */
  riseMinutes: 4320,
  riseKnownMinutes: 1440,
  riseLeastMinutes: 20,
  /** Least error of that reference over hours, as a share; it starts at that of volumes and is learnt. */
  riseError: 0.025,
  /** Weight of a minute that is far from the slow level. */
  farWeight: 0.2,
  /** Counts further from the expectation than this many standard deviations are learnt as if they were this far. */
  huber: 3,
  /** Weight (in variance units) of the prior belief that a series is a plain Poisson one. */
  dispersionPrior: 30,
  /** Share of the sums of squares that is kept from minute to minute (half-life of about 8 hours). */
  dispersionKeep: 1 - 1 / 720,
  /** Minutes of counts that are kept to find starts, slices and to correct late rows. */
  ringMinutes: 16,
  /** Wrong incidents a day that each class of nodes may cost, before discoveries add to it. */
  falsePerDay: { fleet: 0.02, acquirer: 0.02, merchants: 0.25 },
  /** What a single merchant may cost of it: a small company does not get the budget of a large one. */
  falsePerMerchantDay: 0.0005,
  /** Multiple of the threshold at which an anomaly counts as a discovery. */
  discoveryThresholds: 1.5,
  /** Minutes after which half of a discovery is forgotten by the false-discovery control. */
  discoveryHalfLife: 1440,
  /** Standard deviation of the expectation of a single minute, as a share, beyond what is estimated. */
  modelError: 0.04,
  /** Most of the threshold that one minute can add to a downward sum: a dip by late rows rebounds in the next minute. */
  downMinuteShare: 0.6,
  /** The same for refunds on a first day: a batch of them fills one minute. */
  batchMinuteShare: 0.6,
  /** Sequential sums stop at this many thresholds, so that they come down soon after the end. */
  sumCap: 2.5,
  /** Part of the threshold below which a minute counts as quiet, and quiet minutes that close an anomaly. */
  closeShare: 0.4,
  closeMinutes: 3,
  /** Parts that tell the same within these minutes make one anomaly of the fleet, from this many on. */
  manyParts: 3,
  manyPartsMinutes: 30,
  /** Signs that begin this soon after an anomaly did belong to its cause. */
  sameCauseMinutes: 3,
  /** Part of an excess that must lie in a merchant or acquirer for the anomaly to be its own. */
  nameShare: 0.67,
  /** Minutes at a new stable level after which it is accepted: volumes, and adverse statuses. */
  acceptVolumeMinutes: 60,
  acceptAdverseMinutes: 360,
  /** Minutes that the question whether a volume's new level is normal stays open before it is taken as "yes". */
  acceptUnansweredMinutes: 60,
  /** Minutes after which a merchant or acquirer that (nearly) stopped trading is taken as gone. */
  acceptGoneMinutes: 1440,
  /** What becomes of merchants, acquirers and codes of which nothing comes any more. Time is that of the stream: a pause counts
   *  for a day at most. */
  expiry: {
    /** Days without a transaction after which one is forgotten. Should it come back, it is new. */
    idleDays: 30,
    /** The same for one that never had so many transactions: there is nothing to remember. */
    fewTransactions: 5,
    fewDays: 1,
    /** Most of each kind. Where there are more, those make room that have been idle for longest, for a day at least, or for
     *  some minutes where there were only a few transactions; part of them that stays then. */
    most: { fleet: 1, acquirer: 1000, merchant: 50_000, auth_code: 1000 },
    keptShare: 7 / 8,
    crowdedDays: 1,
  },
  /** Growth of the volume below this ratio is never reported. */
  spikeRatio: 10,
  /** Minutes between updates of an anomaly that is merely still open. */
  updateMinutes: 5,
  /** What operators' verdicts may do. */
  feedback: {
    /** Days after which half of a verdict is forgotten. */
    verdictHalfLifeDays: 30,
    /** Most that verdicts raise and lower a threshold, nats: false alarms down to a twentieth, or up to e times as many. */
    thresholdRaiseMost: Math.log(20),
    thresholdLowerMost: 1,
    /** Step of a verdict on the weight of the forest, and the most that this weight may grow to. */
    patternStep: 0.25,
    patternMost: 2,
    /** Minutes that "noise" keeps the same cause quiet: at first, and at most after many verdicts. */
    suppressMinutes: 720,
    suppressMost: 10_080,
    /** How much worse (ratio of z) or longer than then is reported all the same, and how long anything may last, minutes. */
    suppressRatio: 1.5,
    suppressSpell: 7,
    /** Newest verdicts that are remembered. */
    verdictsMost: 1000,
  },
} as const;

/** Rate ratios of the sequential tests. */
export const UP_RATIOS = [1.6, 3, 8] as const;
export const DOWN_RATIOS = [0.7, 0.3, 0.05] as const;
/** Of an adverse status: also what is forty times as much as a rate that is close to nothing. */
export const ADVERSE_RATIOS = [...UP_RATIOS, 40] as const;
