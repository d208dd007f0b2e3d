"""The same as `phrases.py` in Chinese, Japanese, German, French and Spanish."""

from __future__ import annotations

from pipeline.engines.phrases import Rule, Rules

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
