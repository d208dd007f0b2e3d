"""English words of most abstracts: in a query they match every paper, and as a claim's term they tie it to no sentence."""

# The second group are words that every abstract uses about itself. Known cost: "all-in-one" vanishes from queries.
_WORDS = """
    a an the of for and or to in on with by from at as is are was were be been being this that these those
    it its we our i my me am you your they their he she his her not no nor do does did done can could may
    might will would shall should must have has had which who whom whose what when where why how than then
    so such but if while also more most less least very into over under between within without via per both
    each any all some other others one ones two only just about such etc out off up against among them us see
    instead rather something anything even still already here there

    using use used based work working study studies papers paper approach method methods
    propose proposed novel new results show
"""
STOP_WORDS = frozenset(_WORDS.split())
