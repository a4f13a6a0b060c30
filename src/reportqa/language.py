"""The words of the pages, in Chinese and, on request (?lang=en), in English; reports are quoted as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

CHINESE = "zh-CN"
ENGLISH = "en"

_WORDS = {
    "title": ("政府工作报告问答", "Government Work Report Q&A"),
    "skip": ("跳到提问框", "Skip to the question"),
    "talk": ("问答记录", "Questions and answers"),
    "tabs": ("功能", "What to do"),
    "tab_ask": ("问答", "Ask"),
    "tab_check": ("引文核验", "Check quotes"),
    "check_title": ("核验稿件里的引文", "Check the quotations in a draft"),
    "check_promise": (
        "粘贴一句话、一段话或整篇讲稿，逐句与报告原文对照：哪些一字不差，哪些数字或文字有异，原文在哪里。",
        "Paste a sentence or a whole speech: each quotation is held against the reports, word by word.",
    ),
    "check_text": ("稿件", "Draft"),
    "check_placeholder": ("在这里粘贴要核验的文字", "Paste the text to be checked"),
    "check_go": ("开始核验", "Check"),
    "check_choose": ("打开稿件", "Open a draft"),
    "check_stop": ("停止", "Stop"),
    "check_edit": ("修改稿件", "Edit the draft"),
    "check_accept": ("改正", "Correct"),
    "check_undo": ("撤销改正", "Undo"),
    "check_accept_all": ("全部改正", "Correct all"),
    "check_corrected": ("下载改正稿", "Corrected draft"),
    "check_word": ("下载批注稿（Word）", "With comments (Word)"),
    "check_only": ("只看有问题的", "Only what is questionable"),
    "check_draft": ("稿件与标记", "The draft with its marks"),
    "check_findings": ("核验结果", "Findings"),
    "check_misattributed": ("出处有误", "Wrong source"),
    "check_progress": ("已核验 {0}%", "{0}% checked"),
    "check_done": ("核对了 {0} 处引文，{1} 处有问题。", "{0} quotations checked, {1} questionable."),
    "check_sound": ("核对了 {0} 处引文，都与原文相符。", "{0} quotations checked, all of them sound."),
    "check_nothing": ("没有可与报告对照的内容。", "Nothing in it can be held against the reports."),
    "check_stopped": ("已停止，以下是停止前的结果。", "Stopped; this is what was found until then."),
    "check_accepted": ("已改正", "Corrected"),
    "check_undone": ("已撤销", "Undone"),
    "check_reading": ("正在读取文件……", "Reading the file…"),
    "check_read": ("已打开“{0}”", "“{0}” is open"),
    "check_empty": ("请先粘贴文字或打开稿件。", "Paste some text or open a draft first."),
    "tab_figures": ("指标", "Figures"),
    "figures_about": (
        "报告里写明的指标数字，点任何一个都能看到原文；表格和图可以下载。",
        "The figures that the reports state; each opens the sentence that holds it.",
    ),
    "figures_reading": ("正在读取报告里的数字……", "Reading the figures…"),
    "figures_indicator": ("指标", "Indicator"),
    "figures_period": ("时期", "Period"),
    "figures_all": ("全选", "All"),
    "figures_none": ("全不选", "None"),
    "figures_find": ("查找", "Find"),
    "figures_form": ("显示为", "Show as"),
    "figures_table": ("表格", "Table"),
    "figures_bars": ("柱状图", "Bars"),
    "figures_lines": ("折线图", "Lines"),
    "figures_csv": ("下载 CSV", "Download CSV"),
    "figures_excel": ("下载 Excel", "Download Excel"),
    "figures_picture": ("下载图", "Download chart"),
    "figures_charted": ("图中指标", "Charted"),
    "figures_chart": ("指标图，数字见下表", "Chart; the table below has its numbers"),
    "figures_nothing_drawn": ("所选的指标没有可以画成图的数字，请看下表。", "Nothing to draw; see the table."),
    "figures_not_drawn": ("有 {0} 项只有文字没有数字，图中不画，见下表。", "{0} are in words alone; see the table."),
    "figures_no_chart": ("图画不出来，请看下表。", "The chart cannot be drawn; see the table."),
    "figures_said": ("共 {0} 个数字。", "{0} figures."),
    "figures_cut": ("数字太多，只列出前面一部分，请少选几项。", "Only the first are listed: pick fewer."),
    "figures_open": ("点数字看原文，点列名排序。", "Click a figure for its sentence, a column to sort."),
    "figures_no_figure": ("报告没有给出", "not given"),
    "figures_pick": (
        "所选条件下没有数字，请在上面另选指标、地方或时期。",
        "No figures here: pick other indicators, places or periods above.",
    ),
    "figures_empty": ("所收的报告里没有读到指标数字。", "The reports state no figures that could be read."),
    "welcome": ("向政府工作报告提问", "Ask the government work report"),
    "promise": (
        "答案逐字摘自报告原文，并注明出处；报告里没有的，会直接说没有找到。",
        "Answers are the report's own words with their place; where it has none, you are told so.",
    ),
    "try": ("可以这样问", "For example"),
    "question": ("问题", "Question"),
    "placeholder": ("输入问题，按回车提问", "Type a question, press Enter"),
    "ask": ("提问", "Ask"),
    "kept": ("对话只保存在这台电脑的浏览器里。", "The conversation is kept in this browser only."),
    "new": ("新对话", "New chat"),
    "export": ("导出对话", "Export"),
    "word": ("Word 文档", "Word document"),
    "markdown": ("Markdown 文本", "Markdown text"),
    "corpus": ("已收入 {0} 份报告", "Reports loaded: {0}"),
    "corpus_title": ("已收入的报告", "Reports loaded"),
    "corpus_find": ("按地方或年份查找", "Find a place or year"),
    "until": ("所收文本到{0}为止", "the text ends at {0}"),
    "scope": ("查找范围", "Look in"),
    "place": ("地方", "Place"),
    "year": ("年份", "Year"),
    "every_place": ("全部地方", "All places"),
    "every_year": ("全部年份", "All years"),
    "close": ("关闭", "Close"),
    "pending": ("正在查找……", "Looking…"),
    "understood": ("理解为", "Understood as"),
    "within": ("范围", "Within"),
    "answer": ("答案", "Answer"),
    "evidence": ("原文依据", "In the report's words"),
    "part": ("所问", "Part"),
    "part_place": ("出处", "Place"),
    "part_missing": ("所收文本中未见这一部分。", "The text at hand does not give this part."),
    "more": ("其他 {0} 处相关原文", "{0} more passages"),
    "opening": ("篇首", "Opening lines"),
    "copy": ("复制引文", "Copy quote"),
    "copy_as": ("其他格式", "Other formats"),
    "official": ("公文引文", "Official document"),
    "gbt7714": ("参考文献（GB/T 7714）", "Reference (GB/T 7714)"),
    "html": ("网页（HTML）", "HTML"),
    "copied": ("已复制", "Copied"),
    "copy_failed": ("已选中引文，请按 Ctrl+C 复制", "Quote selected: press Ctrl+C"),
    "source": ("查看原文", "Open source"),
    "source_pane": ("报告原文", "Report"),
    "source_opened": ("已在右侧打开原文", "The source is open beside the conversation"),
    "new_window": ("在新页打开", "Open in a new tab"),
    "context": ("所在段落", "Its paragraph"),
    "refused": ("没有找到答案", "No answer found"),
    "nearest": ("最接近的原文（不是答案）", "Nearest passages (not an answer)"),
    "rewordings": ("换个问法", "Ask instead"),
    "searched": ("查找了", "Searched"),
    "searched_more": ("等 {0} 份报告", " and others, {0} reports"),
    "helpful": ("有帮助", "Helpful"),
    "unhelpful": ("没帮助", "Not helpful"),
    "thanks": ("已记下，谢谢", "Noted, thank you"),
    "failure": ("抱歉，程序出错了，请稍后再试。", "Sorry, something went wrong; please try again later."),
    "unverified": (
        "找到的引文与报告原文核对不符，未予显示，请联系管理员重建索引。",
        "The quotes found do not match the report and are not shown; the index must be rebuilt.",
    ),
    "unreachable": (
        "没有连上服务，请检查网络后重试。",
        "The service cannot be reached; check the network and try again.",
    ),
    "retry": ("重试", "Try again"),
    "nothing_within": ("所收报告中没有{0}的，请换个范围。", "No report of {0}; choose another place or year."),
    "upload": ("添加报告", "Add a report"),
    "upload_hint": ("可选 {0} 文件，不超过 {1} MB。", "{0}, up to {1} MB."),
    "choose": ("选择文件", "Choose a file"),
    "uploading": ("正在上传", "Uploading"),
    "indexing": ("正在建立索引", "Indexing"),
    "outline": ("请核对读出的内容，再加入索引", "Check what was read, then add it"),
    "size": ("{0} 节，{1} 段，{2} 字", "{0} sections, {1} paragraphs, {2} characters"),
    "add": ("加入索引", "Add to the index"),
    "discard": ("放弃", "Discard"),
    "added": ("已加入", "Added"),
    "back": ("问答", "Q&A"),
    "contents": ("目录", "Contents"),
    "print": ("打印", "Print"),
    "paragraph": ("第 {0} 段的地址", "Address of paragraph {0}"),
    "errata": ("“{0}”：原文如此，疑为“{1}”", "“{0}”: so in the report, probably “{1}”"),
    "appendix": ("附：{0}", "Appendix: {0}"),
    "breaks_off": ("所收文本到{0}为止。", "The text at hand ends at {0}."),
    "speaker": ("报告人", "Speaker"),
    "entering": ("正在进入……", "Entering…"),
    "key": ("密钥", "Key"),
    "enter": ("进入", "Enter"),
    "expired": ("会话已过期，请刷新门户页面。", "The session has expired; please reload the portal's page."),
    "not_found": ("没有这个页面，请回到问答页重新查找。", "There is no such page; go back to the questions."),
    "record": ("政府工作报告问答记录", "Questions to government work reports"),
    "exported": ("导出时间", "Exported"),
    "asked": ("问", "Question"),
    "without_script": (
        "提问需要浏览器启用 JavaScript；报告原文可以直接阅读：",
        "Asking needs JavaScript; the reports can be read without it:",
    ),
}


class Words(Mapping[str, str]):
    """The words of one language, as a template reads them: ``w.ask``."""

    def __init__(self, language: str) -> None:
        self.language = language
        column = 1 if language == ENGLISH else 0
        self._words = {key: both[column] for key, both in _WORDS.items()}

    def __getitem__(self, key: str) -> str:
        return self._words[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


_LANGUAGES = {language: Words(language) for language in (CHINESE, ENGLISH)}


def words_in(language: str | None) -> Words:
    """Return the words of a language: English where ``language`` begins with en, Chinese for everything else."""
    return _LANGUAGES[ENGLISH if (language or "").lower().startswith("en") else CHINESE]
