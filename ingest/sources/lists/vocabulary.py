"""Words that mark venues, preprints, dates and people in contrast to titles, in lower case."""

CONFERENCES = frozenset(
    """
    aaai accv acl acmmm aistats aies aamas alt apsipa arr asplos asru ase asiaccs automl
    bmvc ccs chi chil cikm clear cogsci coling collas colm colt conll corl cscw cvpr
    cvprw dac dasfaa date eacl ecai ecml eccv eccvw ecir edbt emnlp esann esorics
    eurosys facct fg fse gecco hotnets hpca icann icaps icassp iccad iccv iccvw icde
    icdm icdar icip iclr icme icmi icml icmlw icmr iconip icpr icra icse icsme icst
    ictai icwsm ijcai ijcnn ijcnlp infocom interspeech ipsn iros isbi isca ismir issta
    issre iui iva kdd l4dc lak log lrec lrec-coling mass micro miccai midl mlhc mlsys mm
    mmasia mmm mobicom mobisys naacl ndss nsdi neurips neuripsw nips nlpcc nime osdi
    pakdd pldi pkdd podc pods popl ppopp ppsn ranlp recsys rss s&p sc sdm sec semeval
    sensys sigcomm sigdial sigir sigmod siggraph slt socc sosp spaa stoc tacas uai uist
    umap usenix vldb wacv wmt wsdm www xai tmlr jmlr tpami pami tacl taslp tnnls tkde
    tmm tcsvt tip tmi tog tvcg tgrs tifs tkdd tois tist toit tcyb tetci ijcv jair aij
    media ral ra-l pr prl jstsp pnas pmlr plos csur tse tosem neucom nn kbs eaai inffus
    nature science cell webconf thewebconf mlr nlpbt
    """.split()
)
JOURNAL_WORDS = frozenset(
    """
    journal transactions trans trans. conference workshop workshops symposium proceedings letters
    magazine surveys review reviews nature science ieee acm springer elsevier neurocomputing
    intelligence annals bulletin archives press communications fusion patterns bioinformatics
    findings track nejm lancet jama 会议 期刊 学报
    """.split()
)
# Those of them that hardly any title has.
FIRM_WORDS = frozenset(
    """journal transactions trans trans. ieee acm conference proceedings workshop symposium letters
    nature magazine 会议 期刊 学报""".split()
)
# Words that stand beside a venue without being one.
VENUE_EXTRAS = frozenset(
    """
    oral spotlight poster best paper award main findings workshop workshops long short demo demos
    tutorial track industry datasets dataset and benchmarks benchmark accepted by in at of to the on
    proc proc. proceedings conference highlight notable top outstanding runner-up honorable mention
    student camera-ready volume vol vol. no no. extended abstract student system demonstrations
    late-breaking companion talk keynote invited published blog tiny papers position special issue
    asia europe north america chapter srw kdd wg ws area a b c d e datasets&benchmarks d&b db
    hlt technical report
    """.split()
)
PREPRINTS = frozenset(
    """arxiv arxiv. preprint preprints corr biorxiv medrxiv techrxiv ssrn openreview submitted
    unpublished tbd none n/a na github manuscript draft pre-print 预印本 arxiv-preprint""".split()
)
PREPRINT_EXTRAS = frozenset("under review submission to in a on - — – / . e-print cs".split())
MONTHS = (
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july "
    "august september october november december spring summer fall autumn winter"
).split()

# Words that titles have and names do not.
NOT_NAMES = frozenset(
    """
    learning model models network networks language deep neural data training knowledge distillation
    survey large vision image text tuning attention transformer transformers optimization with for
    towards toward via using from learn task tasks shot few-shot zero-shot adaptation pre-training
    pretraining pre-trained reasoning generation recognition detection representation
    representations is are can does do what how why when the an in on to all you need at by as as-is
    understanding intelligence artificial machine evaluation efficient benchmark framework approach
    method methods analysis retrieval reinforcement prompt prompting fine-tuning finetuning paper
    code link project github university research google microsoft lab labs institute meta-learning
    self-supervised semantic generative adversarial system systems llm llms agent agents editing
    merging continual federated multimodal diffusion alignment instruction instructions compression
    pruning quantization introduction overview tutorial lecture course dataset datasets
    we our this that it and study case perspective report technical application applications review
    challenges challenge comparison
    """.split()
)
# Those of them that are also names of people.
NAMES_TOO = frozenset("an can do how in to you lab labs need case all by".split())
PARTICLES = frozenset(
    "de da del della der den des di do dos du el al bin ibn la le ten ter van von vom zu y e "
    "jr jr. sr sr. ii iii iv st st. mc dai".split()
)
# A full stop after these ends no sentence.
ABBREVIATIONS = frozenset(
    "vs al jr st e.g i.e cf etc dr prof trans proc no vol int conf resp approx fig mr ms".split()
)
