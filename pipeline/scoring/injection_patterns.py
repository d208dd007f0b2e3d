"""Patterns for text that addresses a model, in six languages, each behind a cheap substring test.

Each rule has two lists of substrings, separated by "|", and a pattern. The pattern is tried only if the text
contains a substring of each list: most texts do not, and a substring search is much cheaper. Patterns are
matched against text from `unicode.fold`: lower case, no accents, single spaces.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A pattern, and two lists of substrings; the text must contain at least one of each list."""

    any_of: str
    and_any_of: str
    pattern: str


Rules = tuple[Rule, ...]

MACHINE = (
    r"(?:(?:large |vision[- ])*language models?|m?llms?|ai|artificial intelligence|a\.i\.|gpt[\w.-]*|chat ?gpt"
    r"|chatbots?|claude|gemini|copilot|machine|automat(?:ed|ic) \w+|bots?)(?:[- ](?:based|powered|driven|assisted))?"
)
ROLE = (
    r"(?:(?:ranking |review(?:ing)? )?(?:reviewer|referee|assistant|agent|model|evaluator|judge|grader|ranker|system"
    r"|reader|scorer|screener|summari[sz]er|bot|tool)s?)"
)
RECIPIENT = rf"{MACHINE}(?: {ROLE})?"
INSTRUCTIONS = (
    r"(?:instruct\w*|prompts?|direct(?:ion|ive)s?|commands?|guidelines?|guidance|rules?|rubrics?|orders"
    r"|scoring criteria|review criteria|polic(?:y|ies))"
)
EARLIER = (
    r"(?:all|any|every\w*|previous\w*|prior|earlier|preceding|above|former|foregoing|your?|system|original"
    r"|initial|these|those|other)"
)
PAPER = (
    r"(?:this|our|my|the (?:present|above|following|current|attached)|these) (?:\w+ )?"
    r"(?:paper|submission|manuscript|article|entry|preprint|abstract)s?"
)
WORK = rf"(?:{PAPER}|this (?:work|study|text))"
# What precedes a verb in the imperative: lookbehinds, evaluated only where the verb matches.
CLAUSE_START = r"^|(?<=[.!?:;\])}\"*|>-])|(?<=[.!?:;\])}\"*|>-] )"
AFTER_POLITE_WORD = "|".join(
    f"(?<={word} )" for word in ("please", "kindly", "now", "then", "must", "should", "shall", "you")
)
IMPERATIVE = rf"(?:{CLAUSE_START}|{AFTER_POLITE_WORD})"
LOOSE_IMPERATIVE = (
    rf"(?:{CLAUSE_START}|{AFTER_POLITE_WORD}|(?<=, )|(?<=and )|(?<=only )|(?<=also )|(?<=just ))"
)
JUDGE_VERB = (
    r"(?:rate|score|rank|grade|mark|accept|recommend|praise|select|pick|choose|promote|prioriti[sz]e|put|place"
    r"|label|judge|review|evaluate|assess|treat|describe|endorse)"
)
GIVE_VERB = r"(?:give|assign|award|output|return|grant|write|provide|produce|set|report|respond with|answer with|mark)"
TELL_VERB = (
    r"(?:ignore|disregard|mention|list|conclude|focus|ensure|append|add|include|say|state|reveal|never)"
)
GOOD = r"(?:positive|favou?rable|glowing|excellent|enthusiastic|perfect|full|top|maximum|highest|good|strong)"
PRAISE = r"(?:reviews?|scores?|ratings?|marks?|grades?|evaluations?|assessments?|recommendations?|feedback|relevance|points)"
FAULTS = r"(?:negatives?|weakness(?:es)?|limitations?|flaws?|shortcomings?|drawbacks?|faults?|criticisms?)"
READING_VERB = r"(?:read|process|review|evaluat|scor|rank|summari[sz]|judg|grad|rat|assess|pars|analy[sz])\w*"
REPLY = r"(?:review|response|summary|answer|evaluation|assessment|reply|report|digest|verdict|output)"
MARKS = r"(?:topic|transfer|substance|excluded)"

MACHINE_SUBSTRINGS = (
    "language model|llm|ai |ai-|ai,|ai:|a.i.|gpt|bots|bot |claude|gemini|copilot|artificial|machine|automat"
)
PAPER_SUBSTRINGS = (
    "paper|submission|manuscript|article|entry|preprint|abstract|this work|this study|this text"
)
PRAISE_SUBSTRINGS = (
    "review|score|rating|mark|grade|evaluation|assessment|recommendation|feedback|relevance|points"
)
IGNORE_RULES: Rules = (
    Rule(
        "ignore |disregard |forget |override |overrule |bypass |discard |neglect |overlook |set aside|stop following"
        "|not follow|never follow|don't follow|not obey|never obey|not apply|no attention",
        "instruct|prompt|direct|command|guid|rule|rubric|orders|criteria|polic",
        rf"\b(?:ignore|disregard|forget|override|overrule|bypass|discard|neglect|overlook|set aside|stop following"
        rf"|(?:do not|don't|never) (?:follow|obey|apply)|pay no attention to) (?:\w+ )?"
        rf"(?:{EARLIER} (?:[\w,]+ ){{0,4}}?{INSTRUCTIONS}\b|{INSTRUCTIONS} (?:\w+ )?(?:above|before)\b)",
    ),
    Rule(
        "ignore |disregard |forget |override ",
        "above|before|prior|you",
        r"\b(?:ignore|disregard|forget|override) (?:about )?(?:everything|anything|all|what) (?:that |which )?(?:was )?"
        r"(?:\w+ )?(?:you|above|before|prior)\b",
    ),
    Rule(
        "supersede|outrank|override|replace",
        "instruct|prompt|direct|command|guid|rule",
        rf"\b(?:supersede|outrank|override|replace)s? (?:all|any|your?|every) (?:\w+ ){{0,4}}?{INSTRUCTIONS}\b",
    ),
    Rule(
        "void|invalid|obsolete|cancel|superseded|revoked|replaced|no longer",
        "instruct|prompt|direct|command|guid|rule|rubric|orders|criteria|polic",
        rf"\b(?:previous|prior|earlier|above|your|these|those) {INSTRUCTIONS} (?:\w+ ){{0,4}}?(?:are|is|was|were)"
        rf" (?:now |hereby )?(?:void|invalid|obsolete|cancel\w+|superseded|revoked|replaced|no longer)\b",
    ),
    Rule(
        "override|new ",
        "override|instruction",
        rf"\boverride (?:your|the) (?:\w+ )?{INSTRUCTIONS}\b|\boverride ?:|\bsystem override\b|\bnew (?:system )?instructions? (?:follow|apply|are\b|:)",
    ),
)
ADDRESS_RULES: Rules = (
    Rule(
        "note|notice|message|attention|reminder|hint|warning|memo|request|important|instruction",
        MACHINE_SUBSTRINGS,
        rf"\b(?:note|notice|message|attention|reminder|hint|warning|memo|request|important|instructions?)(?: ?[:,-])?"
        rf" (?:for|to)(?: (?:all|any|every|the|an?|future|other))* {RECIPIENT}(?: ?[:,.!]| -| {READING_VERB} )",
    ),
    Rule(
        "for |to |dear |hello |hey |attention ",
        MACHINE_SUBSTRINGS,
        rf"\b(?=[ftdha])(?:{CLAUSE_START})(?:for|to|dear|hello|hey|attention)(?: (?:all|any|every|the|an?))* {RECIPIENT}"
        rf"(?: ?[:!]| -|,? (?:please|you)\b)",
    ),
    Rule(
        "dear |hey |hello |attention ",
        MACHINE_SUBSTRINGS,
        rf"\b(?:dear|hey|hello|attention) (?:all |any )?{RECIPIENT}\b",
    ),
    Rule(
        ":|,|-",
        MACHINE_SUBSTRINGS,
        rf"\b(?=[lvmagcb])(?:{CLAUSE_START}){RECIPIENT}(?: ?[:,]| -) ?(?:please\b|you (?:must|should)\b|{JUDGE_VERB}\b|{GIVE_VERB}\b|{TELL_VERB}\b)",
    ),
    Rule(PAPER_SUBSTRINGS, MACHINE_SUBSTRINGS, rf"\b{RECIPIENT} (?:\w+ )?{READING_VERB} {WORK}"),
    Rule(
        "must |should |shall |required |has to |have to |need to |needs to |ought to ",
        MACHINE_SUBSTRINGS,
        rf"\b{RECIPIENT} (?:must|should|shall|(?:is|are) required to|has to|have to|needs? to|ought to) (?:\w+ ){{0,6}}?{PAPER}",
    ),
    Rule(
        "if you|if your",
        MACHINE_SUBSTRINGS,
        rf"\bif (?:you(?: are|'re)|you happen to be|your reader is) (?:\w+ ){{0,3}}?{MACHINE}\b",
    ),
    Rule("if a|if the", MACHINE_SUBSTRINGS, rf"\bif (?:an?|any|the) {RECIPIENT} {READING_VERB} {WORK}"),
    Rule(
        "as a",
        MACHINE_SUBSTRINGS,
        rf"\bas an? (?:\w+ ){{0,2}}?{RECIPIENT},? (?:you|please|{JUDGE_VERB}|{GIVE_VERB}|{TELL_VERB})\b",
    ),
    Rule(
        "you",
        "must|should|shall|required|instructed|have to|asked",
        rf"\byou(?:,? as .{{0,40}},)? (?:must|should|shall|are required to|are instructed to|have to|are asked to)"
        rf" (?:\w+ ){{0,4}}?(?:{JUDGE_VERB}|{GIVE_VERB}|{TELL_VERB})\b",
    ),
    Rule(
        "you are now|from now on|developer mode|pretend ",
        "",
        r"\byou are now\b|\bfrom now on,? (?:you|ignore|your)\b|\bdeveloper mode\b|\bpretend (?:that )?(?:you are|to be)\b",
    ),
    Rule(
        "your ",
        "task|job|role|goal|instructions",
        r"\byour (?:new |real |only |actual |sole )?(?:task|job|role|goal|instructions) (?:is now|has changed|have changed|is to|are to)\b",
    ),
)
DEMAND_RULES: Rules = (
    Rule(PAPER_SUBSTRINGS, "", rf"\b(?={JUDGE_VERB} ){LOOSE_IMPERATIVE}{JUDGE_VERB} (?:only )?{PAPER}\b"),
    Rule(
        "this work|this study|this text",
        "",
        rf"\b(?={JUDGE_VERB} ){IMPERATIVE}{JUDGE_VERB} {WORK} (?:as|with|highly|first|top|very|at|in|above|\d)",
    ),
    Rule(
        PRAISE_SUBSTRINGS,
        "",
        rf"\b(?={GIVE_VERB} ){LOOSE_IMPERATIVE}{GIVE_VERB} (?:\w+ ){{0,4}}?{GOOD}(?: possible)? {PRAISE}\b",
    ),
    Rule(PAPER_SUBSTRINGS + "| it ", "", rf"\b{GIVE_VERB} (?:{PAPER}|it) (?:\w+ ){{0,3}}?(?:{GOOD}|\d)"),
    Rule(
        "not |don't |never ",
        "negative|weakness|limitation|flaw|shortcoming|drawback|fault|criticism",
        rf"\b(?=do not|don't|never|not){LOOSE_IMPERATIVE}(?:do not|don't|never|not) (?:\w+ )?"
        rf"(?:highlight|mention|report|list|discuss|point out|raise|include|note|criticize) (?:\w+ ){{0,3}}?{FAULTS}\b",
    ),
    Rule("without ", "", rf"\bwithout (?:mention|list|not|discuss|rais)ing (?:any |its |the )?{FAULTS}\b"),
    Rule(
        "only |exclusively |strong accept",
        "",
        r"\bonly (?:the |its )?(?:strengths|merits|positives|positive (?:\w+ )?(?:statements|aspects|comments|points|remarks))\b"
        r"|\bexclusively on (?:its|the|our) (?:strengths|merits)\b|\bstrong accept\b",
    ),
    Rule(
        "recommend",
        "accept|publication",
        r"\brecommend(?:ing|ed)? (?:\w+ ){0,2}?(?:accept(?:ance|ing)|publication)\b",
    ),
    Rule(
        " be ",
        PAPER_SUBSTRINGS,
        rf"\b{PAPER} (?:must|should|shall|deserves to|has to|needs to|is to|will) (?:\w+ )?be (?:\w+ )?"
        rf"(?:rated|scored|ranked|graded|marked|accepted|selected|picked|recommended)\b",
    ),
    Rule(
        "rate",
        "10/10|5/5|100/100|10 / 10",
        r"\brate[ds]? (?:\w+ ){0,4}?(?:10 ?/ ?10|5 ?/ ?5|100 ?/ ?100)(?!\d)",
    ),
    Rule("when ", PAPER_SUBSTRINGS, rf"\bwhen (?:you )?{READING_VERB} {PAPER}"),
    # the answer format of the scoring prompt, or chat markup
    Rule(
        "topic|transfer|substance|excluded",
        "",
        rf"\b{MARKS}\b[\"']? ?[:=]? ?(?:\d|true|false)\b.{{0,30}}\b{MARKS}\b|\b{MARKS} (?:mark |score )?of [05](?![.\d])",
    ),
    Rule("score:|score =|score=", "", r"\bscore ?[:=] ?(?:100\b|5 ?,)"),
    Rule(
        "other ",
        "batch|list|prompt",
        r"\bother (?:papers?|submissions?|entries|candidates|articles) in (?:this|the|your) (?:batch|list|prompt)\b",
    ),
    Rule(
        "<|[",
        "",
        r"</? ?(?:paper|system|user|assistant|instructions?|prompt|human)\b[^<>]{0,80}>|<\|[a-z ]{2,20}\|>|\[/?inst\]|<<sys>>",
    ),
    Rule(
        "system|assistant|operator|admin|developer",
        ":|]|/",
        rf"\b(?=[saod])(?:^|(?<=[.!?\]\[] )|(?<=[\[]))(?:system|assistant|operator|admin|developer)(?: \w+)? ?[:\]/].{{0,60}}?"
        rf"\b(?:{INSTRUCTIONS}|ignore|you|{PAPER}|{PRAISE})\b",
    ),
    Rule(
        "your ",
        "",
        rf"\b(?:begin|start|end|prefix) your (?:\w+ )?{REPLY}\b|\b(?:in|for) your (?:\w+ )?{REPLY}\b",
    ),
    Rule(
        "instruction|prompt|message",
        "reveal|disclose|mention",
        r"\b(?:reveal|disclose|mention) (?:this|these) (?:instruction|prompt|message)",
    ),
    Rule("/", "", rf"\b{GIVE_VERB} (?:[\w]+ ){{0,3}}?(\d{{1,3}}) ?/ ?\1(?!\d)"),
    Rule(
        "your ",
        "prompt|instruction|key|rules",
        r"\b(?:reveal|print|show|repeat|leak|disclose|write out|copy)(?: \w+){0,4}? your (?:\w+ ){0,2}?(?:prompt|instructions|key|rules)\b",
    ),
    Rule(
        "include the ",
        "",
        r"\binclude the (?:exact |following )?(?:phrase|words?|sentence|string|code) [\"']",
    ),
)
# For words whose letters were s p a c e d  o u t: joined again, they have no spaces between them.
JOINED_LETTERS: Rules = (
    Rule(
        "ignore|disregard|forget|override",
        "",
        r"(?:ignore|disregard|forget|override)(?:all|any|the|your|every)*(?:previous|prior|above|earlier|system)*"
        r"(?:instruction|prompt|rule|guideline)",
    ),
    Rule(
        "",
        "",
        r"positivereview|highestscore|fullmarks|acceptthis|ratethis|recommendaccept|recommendthis|scorethis",
    ),
)

ENGLISH: Rules = (*IGNORE_RULES, *ADDRESS_RULES, *DEMAND_RULES)

CHINESE: Rules = (
    Rule(
        "忽略|无视|無視|忽視|忘记|忘掉|理会|抛弃|略过|绕过|覆盖|遵守",
        "指|提示|规则|規則|命令|标准|要求",
        r"(?:忽略|无视|無視|忽視|忘记|忘掉|不要理会|无需理会|请勿理会|抛弃|略过|绕过|覆盖|不要遵守|不再遵守)"
        r"[^。!?]{0,12}(?:指令|指示|提示|规则|規則|命令|标准|要求)",
    ),
    Rule(
        "给|打|评|写|請|输出|判",
        "分|好评|正面|积极",
        r"(?:给|打|评|写|請給|输出|判)[^。!?]{0,12}(?:满分|最高分|高分|好评|正面(?:的)?(?:评|审|意见)|积极(?:的)?评|10分|100分)",
    ),
    Rule(
        "致|告|写给|提醒|请|各位|尊敬的|所有",
        "ai|人工智能|模型|llm|机器",
        r"(?:致|告|写给|提醒|请|各位|尊敬的|所有)[^。!?]{0,6}(?:ai|人工智能|语言模型|大模型|llm|机器)[^。!?]{0,6}(?:[:,]|注意|审稿|阅读)",
    ),
    Rule(
        "你",
        "ai|人工智能|模型|机器|助手|审稿",
        r"(?:如果|若|假如)你是[^。!?]{0,8}(?:ai|人工智能|模型|机器|助手)|作为(?:一个|一名)?(?:ai|人工智能|大?语言模型|审稿)[^。!?]{0,8}你",
    ),
    Rule(
        "请|务必|必须|应当",
        "本文|这篇|该文|此文|论文",
        r"(?:请|务必|必须|应当)[^。!?]{0,16}(?:推荐|接收|录用|接受|选入|选中)[^。!?]{0,6}(?:本文|这篇|该文|此文|论文)"
        r"|(?:本文|这篇论文|该论文)[^。!?]{0,6}(?:评为|打|给)[^。!?]{0,4}(?:最高|满分)",
    ),
    Rule(
        "不|勿|别",
        "缺点|负面|不足|局限|缺陷|弱点",
        r"(?:不要|不得|勿|别|不)(?:提及|指出|提到|强调|列出|写)[^。!?]{0,8}(?:缺点|负面|不足|局限|缺陷|弱点)",
    ),
)
JAPANESE: Rules = (
    Rule(
        "無視|忘れ|破棄|従わない",
        "指示|命令|プロンプト|ルール|規則|指令",
        r"(?:指示|命令|プロンプト|ルール|規則|指令)[^。!?,、が]{0,12}(?:無視|忘れ|破棄|従わない)",
    ),
    Rule(
        "肯定的|好意的|ポジティブ|高|満点|最高",
        "ください|なさい|せよ|こと|書",
        r"(?:肯定的|好意的|ポジティブ|高く|高い|満点|最高)[^。!?]{0,10}(?:ください|しなさい|せよ|つけなさい|書いて)",
    ),
    Rule(
        "ai|llm|言語モデル|人工知能",
        "へ|宛|向け|の方|告",
        r"(?:ai|llm|言語モデル|人工知能)(?:の)?(?:査読者|レビュアー|アシスタント|モデル)?(?:へ|宛|向け|の方|に告)[^。!?]{0,6}(?:[:、,]|注意)",
    ),
    Rule(
        "あなた|君",
        "ai|llm|言語モデル|人工知能",
        r"(?:あなた|君)[^。!?]{0,4}(?:ai|llm|言語モデル|人工知能)[^。!?]{0,3}(?:なら|であれば|です)",
    ),
    Rule(
        "論文|本稿",
        "推薦|採択|選択",
        r"(?:論文|本稿)[^。!?]{0,6}(?:推薦|採択|選択)(?:してください|しなさい|せよ)",
    ),
    Rule(
        "欠点|弱点|短所|否定的",
        "触れ|指摘|言及|書かない|挙げない",
        r"(?:欠点|弱点|短所|否定的)[^。!?]{0,12}(?:触れ(?:ない|ず)|指摘し(?:ない|ず)|言及し(?:ない|ず)|書かない|挙げない)",
    ),
)
EUROPEAN: Rules = (
    # German
    Rule(
        "ignorier|missacht|vergiss|vergess|ubergeh",
        "anweisung|anleitung|vorgabe|instruktion|befehl|prompt|regel",
        r"\b(?:ignorier|missacht|vergiss|vergessen sie|ubergeh)\w*[^.!?]{0,40}(?:anweisung|anleitung|vorgabe|instruktion|befehl|prompt|regel)",
    ),
    Rule(
        "bewert|beurteile|gib |geben sie|empf|vergib|vergeben sie",
        "hochst|beste note|positiv|volle punkt|10/10|annahme",
        r"\b(?:bewerte|bewerten sie|beurteile|gib|geben sie|empfiehl|empfehlen sie|vergib|vergeben sie)\b"
        r"[^.!?]{0,50}(?:hochst|beste note|positiv|volle punkt|10/10|annahme)",
    ),
    Rule(
        "schwachen|mangel|nachteile",
        "keine|ohne",
        r"\b(?:keine|ohne) (?:\w+ )?(?:schwachen|mangel|nachteile)(?: zu)? (?:erwahn|nenn)",
    ),
    Rule(
        "hinweis|nachricht|mitteilung",
        "ki|sprachmodell|llm",
        r"\b(?:hinweis|nachricht|mitteilung) (?:an|fur) (?:\w+ )?(?:ki\b|sprachmodell|llm)",
    ),
    # French
    Rule(
        "ignore|oublie|pas compte|abstraction",
        "consigne|directive|regle|instruction",
        r"\b(?:ignore[zr]?|oublie[zr]?|ne ten(?:ez|ir) pas compte|faites abstraction)\b[^.!?]{0,40}"
        r"(?:consignes?|directives?|regles?|instructions? (?:preceden|ci-dessus|anterieur|donnee|initiale|recue))",
    ),
    Rule(
        "avis positi|note maximale|meilleure note|favorable|10/10|la plus haute",
        "",
        r"\b(?:donne|attribue|redige|note|evalue)[zr]?\b[^.!?]{0,50}(?:avis positi|note maximale|meilleure note|favorable|10/10|la plus haute)",
    ),
    Rule(
        "ne mentionne|ne signale|ne souligne",
        "faiblesse|defaut|negatif|limite",
        r"\bne (?:mentionne|signale|souligne)[zr]? (?:pas|aucun)[^.!?]{0,20}(?:faiblesse|defaut|negatif|limite)",
    ),
    Rule(
        "a l'attention|note |message |avis ",
        "modele|ia|llm",
        r"\b(?:a l'attention|note|message|avis) (?:des?|aux?|pour)(?: les| l')? ?(?:modeles? de langage|ia\b|llm)",
    ),
    # Spanish
    Rule(
        "ignor|olvid|caso omiso",
        "instrucci|indicaci|ordenes|reglas|directrices",
        r"\b(?:ignor[ae]n?|olvid[ae]n?|haga caso omiso|haz caso omiso)\b[^.!?]{0,40}(?:instrucci|indicaci|ordenes|reglas|directrices)",
    ),
    Rule(
        "resena|positivamente|maxim|mas alta|este articulo|este trabajo",
        "",
        r"\b(?:dale?|otorg\w+|asign[ae]n?|escrib[ae]|califi\w+|puntu\w+|evalu(?:e|en|a)|recom\w+)\b[^.!?]{0,40}"
        r"(?:resena positiva|positivamente|puntuacion maxima|maxima puntuacion|nota maxima|mas alta|este (?:articulo|trabajo))",
    ),
    Rule(
        "no |sin ",
        "debilidad|defect|negativ|limitaci",
        r"\b(?:no|sin) (?:mencion\w+|senal\w+|destac\w+)[^.!?]{0,20}(?:debilidad|defect|negativ|limitaci)",
    ),
    Rule(
        "nota |mensaje |aviso ",
        "ia|inteligencia|llm",
        r"\b(?:nota|mensaje|aviso) (?:para|a) (?:los |las )?(?:\w+ de )?(?:ia|inteligencia artificial|llm)\b",
    ),
)

NOT_LATIN: Rules = (*CHINESE, *JAPANESE)
