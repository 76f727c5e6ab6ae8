"""Names of people and shops, and what reps write."""

from server.demo.dice import Dice


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_MALE = _split(
    "伟 强 磊 军 洋 勇 杰 涛 明 超 刚 平 辉 鹏 华 飞 鑫 波 斌 浩 建国 建军 志强 志伟 海涛 海波 文博 俊杰 立新 国强 "
    "德明 永刚 庆华 宏伟 振东 晓东 世杰 家豪 子轩 天宇 金生 福林 长青 玉山 广生"
)
_FEMALE = _split(
    "芳 娜 敏 静 丽 艳 娟 霞 燕 玲 红 梅 丹 萍 婷 雪 琳 慧 颖 秀英 桂英 玉兰 淑珍 春梅 丽娟 晓燕 海燕 雅琴 美玲 佳慧 "
    "欣怡 思雨 文静 小红 秋菊 月华 凤英 素云 彩霞 玉梅"
)

#: kind of shop → (how often, industry)
SHOPS: dict[str, tuple[float, str]] = {
    "超市": (16, "商超零售"), "便利店": (15, "商超零售"), "生鲜超市": (6, "商超零售"), "小卖部": (5, "商超零售"),
    "粮油店": (8, "粮油副食"), "副食店": (8, "粮油副食"), "调料行": (3, "粮油副食"), "干货店": (3, "粮油副食"),
    "烟酒商行": (7, "烟酒茶饮"), "饮品批发部": (3, "烟酒茶饮"), "日用百货店": (7, "日用百货"),
    "水果店": (4, "商超零售"), "面馆": (3, "餐饮"), "家常菜馆": (4, "餐饮"), "海鲜酒楼": (2, "餐饮"),
    "快餐店": (3, "餐饮"), "食品批发部": (6, "批发流通"), "商贸有限公司": (5, "批发流通"),
    "母婴用品店": (2, "日用百货"), "酒店": (1, "餐饮"), "幼儿园食堂": (1, "团餐"), "职工食堂": (1, "团餐"),
}  # fmt: skip
_GOOD_WORDS = _split(
    "福满家 惠民 好邻居 万家喜 新世纪 鑫源 聚鑫 宏达 顺发 百姓 家家福 美佳 佳和 天天鲜 旺角 金海岸 海之源 宝龙 隆昌 兴旺 "
    "永兴 德润 和顺 康乐 三禾 麦田 老街坊 红旗 春天 阳光 四季青 一品香 东升 华丰 佰汇 乐客 客来旺 诚信 丰收 喜洋洋 祥和 广源 "
    "盛世 裕丰 同福 大众 信达 鸿运 金穗 绿源 友谊 新天地"
)

JOBS = ("老板", "店长", "采购", "经理", "库管", "收银主管", "财务")
DEPARTMENTS = ("采购部", "门店", "财务部", "仓库")


def person(dice: Dice) -> tuple[str, str]:
    """(name, gender)."""
    gender = dice.pick(("male", "female"))
    return dice.pick(SURNAMES) + dice.pick(_MALE if gender == "male" else _FEMALE), gender


def shop(dice: Dice, city: str, district: str, street: str, boss: str) -> tuple[str, str]:
    """(name of a shop, its industry). Names are long enough to be told apart."""
    kind = dice.weighted({name: entry[0] for name, entry in SHOPS.items()})
    industry = SHOPS[kind][1]
    place = city.removesuffix("市")
    if kind.endswith("有限公司"):
        return f"{place}{dice.pick(_GOOD_WORDS)}{dice.pick(('', '食品', '粮油', '百货', '酒业'))}{kind}", industry
    if industry == "团餐":
        return f"{place}{street.rstrip('路街')}{dice.pick(_GOOD_WORDS)}{kind}", industry
    form = dice.rng.random()
    if form < 0.3:
        name = f"{boss[0]}{dice.pick(('记', '氏', '家'))}{kind}"
    elif form < 0.8:
        name = f"{dice.pick(_GOOD_WORDS)}{kind}"
    else:
        name = f"{boss[-2:]}{kind}" if len(boss) > 2 else f"老{boss[0]}{kind}"
    tail = dice.rng.random()
    if tail < 0.45:
        return f"{name}{street}店", industry
    if tail < 0.7:
        return f"{district.removesuffix('区').removesuffix('市')}{name}", industry
    return name, industry


#: What was talked about, by the stage the customer is in; {product} is one of ours.
NOTES: dict[str, tuple[str, ...]] = {
    "初步接触": (
        "第一次上门，老板不在，跟店员留了名片和产品册。", "介绍了公司和主推的{product}，对方先看看价目表。",
        "店里同类货从批发市场拿，愿意比一比价格。", "新开的店，货架还没摆满，约好开业后再来。",
    ),
    "了解需求": (
        "主要卖粮油和饮料，每月进货两次，想找能送货的。", "问了{product}的起送量和账期，记下来回去确认。",
        "看了仓库，能放三十箱左右，缺日用百货这一块。", "老板关心保质期和退换货，解释了我们的政策。",
    ),
    "报价": (
        "按等级价报了{product}，对方觉得比现在的供货商高两毛。", "留了十个单品的报价，等老板娘回来定。",
        "报了节日礼盒的团购价，周五前给答复。",
    ),
    "意向": (
        "同意先试一批{product}，数量不大，看走货情况。", "下次带样品来，老板想先尝尝。",
        "谈好了端头陈列，等月底盘点后上货。", "对账期有要求，想做到三十天，回去请示。",
    ),
    "成交": (
        "货已上架，{product}走得不错，补了一批。", "清点了库存，帮忙调整了陈列，当场下单。",
        "上次到货有两箱破损，拍照登记，下次换货。", "收了上月的货款，顺便推了新品{product}。",
    ),
    "维护": (
        "例行拜访，货架饱满，{product}剩两箱，下周补。", "检查了生产日期，把早日期的调到前排。",
        "竞品在做买赠，老板问我们有没有活动。", "门口换了新招牌，重拍了门头，货架排面保持三个面。",
        "聊了年底的订货会，老板有兴趣参加。",
    ),
}  # fmt: skip

#: What was said by telephone or message, by its kind; {product} is one of ours.
SAID: dict[str, tuple[str, ...]] = {
    "follow_up": (
        "电话里确认了{product}的到货时间，周四前补齐。", "发了新价目表，老板说晚上看，明天给答复。",
        "问了这周的走货，{product}剩两箱，下次一起补。", "老板在外地进货，约好回来再谈。",
        "介绍了月底的搭赠活动，对{product}有兴趣，要两箱试试。", "确认了送货地址和收货人，门口可以卸货。",
    ),
    "return": (
        "上次到货没有问题，{product}卖得还行。", "回访了新品的反馈，顾客嫌包装大，想要小规格。",
        "对送货员的服务满意，希望早上八点前到。", "老板说最近忙着装修，等重新开业再订。",
    ),
    "service": (
        "两箱{product}外包装破损，答应下次送货时换。", "发票抬头写错了，已让财务重开。", "有一箱临期，登记换货，照片已发给仓库。",
    ),
    "collection": (
        "提醒上月货款，答应月底前转账。", "老板说这周资金紧，先付一半，其余下月十号。", "核对了欠款数额，双方一致，等老板娘转账。",
    ),
}  # fmt: skip
SAID_OF_CHANCES = (
    "老板认可方案，嫌陈列费高了点，回去申请。", "报了整体价格，对方要和另一家比一比。", "看过样品，老板娘想先试半个月。",
    "约了店长一起看位置，冰柜能放在收银台旁边。", "价格谈到最低了，就差最后拍板。",
)  # fmt: skip
GOALS = ("谈陈列费", "带样品去", "确认订单数量", "催收货款", "听试用反馈", "签年度协议", "送新价目表")
#: What may be sold, with an amount it is a multiple of.
CHANCES = (
    ("收银台冰柜投放", 800), ("端头陈列三个月", 500), ("年节礼盒团购", 1200), ("全品类进店", 1500), ("饮料独家供货", 2000),
    ("粮油换供货商", 900), ("新店开业首批铺货", 1100), ("员工福利采购", 700),
)  # fmt: skip
ENDS = {
    "won": ("价格合适，送货也快", "试卖效果好，老板认可", "陈列费谈拢了", "替换了原来的供货商"),
    "lost": ("对方选了批发市场的低价货", "账期谈不拢", "店铺转让，不再经营", "老板暂时没有预算"),
}

PLANS = ("送新价目表", "催上月货款", "补货，带样品", "看新品走货", "谈端头陈列", "换破损货", "确认送货时间", "对账")

SUMMARIES = (
    "今天主要跑{district}，{visits}家按计划走完，{orders}家下单。{product}反映不错。",
    "{district}这片终端走货偏慢，多数老板在等月底。拜访{visits}家，成交{orders}单。",
    "上午集中补货，下午开发新店。共{visits}家，下单{orders}家，有一家要求换货。",
    "天气不好，路上耽误了些时间，跑了{visits}家。{product}缺货的门店已登记。",
    "竞品这周在做活动，几家店压价，坚持了等级价。拜访{visits}家，下单{orders}家。",
    "重点跟进了欠款客户，收回部分货款。全天{visits}家，订单{orders}单。",
)
TOMORROWS = (
    "明天去{district}，先跑到期的客户，再补两家新店。",
    "上午送样品，下午跑{district}的老客户。",
    "跟进今天报价的两家，争取成交；其余按路线走。",
    "{district}补货，顺路收款。",
)
COMMENTS = (
    "辛苦了，{district}的新店抓紧跟。", "照片拍得清楚，继续保持。", "欠款超过一个月的先收款再发货。",
    "拜访数量够了，注意成交率。", "竞品活动的情况写详细一点，发我一份。", "不错，明天把报价的两家落实。",
    "新品铺货还要加快，本周每人至少五家。",
)  # fmt: skip
#: Of a week or a month, by {visits}, {new} (new customers), {orders}, {contacts}.
SUM_UPS = (
    "这{what}拜访{visits}家，新开{new}家，下单{orders}笔，电话微信联系{contacts}次。重点客户都走到了，账款比上{what}好收。",
    "完成拜访{visits}家，成交{orders}笔，新客户{new}家。{product}铺货进度正常，竞品在压价，守住了等级价。",
    "{what}内走货偏慢，拜访{visits}家只下了{orders}单。新开{new}家，主要在等节前备货；跟进联系{contacts}次。",
    "新品{product}进了不少店，拜访{visits}家，订单{orders}笔。欠款超期的两家已约好时间。",
)
NEXT_UP = (
    "先跑到期没去的老客户，每天至少开一家新店；欠款客户逐个打电话。", "主推{product}，把上次报价的几家落实；月底前盘一次陈列。",
    "集中走{district}，补货加收款，商机里谈到最后一步的尽快签。",
)  # fmt: skip
WEEK_PLANS = (
    "拜访三十五家，其中新客户两家；{district}每家都走一遍，{product}铺到十家以上。",
    "先收款后补货，超期欠款清掉一半；周三周四集中开发{district}。",
    "跟进手上的商机，两家争取签下来；其余按路线走，保证照片齐全。",
)
MONTH_PLANS = (
    "本月拜访一百四十家，新开八家，回款不低于上月；{product}作为主推。",
    "{district}重点客户每两周一次，流失客户至少挽回三家，月底前完成陈列检查。",
)  # fmt: skip
ASKS = "另请示：{district}有家连锁要做端头陈列，费用超出标准，能否特批？"
SUM_UP_COMMENTS = (
    "数字不错，新客户的首单要盯紧。", "欠款的两家下周必须收回来，收不回来先停货。", "计划写得实在，按这个走。",
    "联系记录再写细一点，客户原话最有用。", "同意，陈列费按八折谈，超出部分我来批。",
)  # fmt: skip
CANCEL_REASONS = ("客户暂时不要了", "重复下单", "地址有误，另下新单", "缺货，客户不愿等")
DELIVERY_TIMES = ("随时", "上午", "下午", "工作日 9–17 点")
