"""What the company sells: a tree of categories and about 200 food and household articles of invented brands."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from server.demo.dice import Dice

#: category → its articles: name|unit|specifications with the list price in yuan
_RANGE: dict[str, dict[str, str]] = {
    "粮油调味": {
        "大米": "田丰东北长粒香米|袋|5kg 32.8,10kg 62.5,25kg 148;田丰稻花香米|袋|5kg 49.9,10kg 96;洛河小米|袋|1kg 12.5,2.5kg 29;洛河糯米|袋|1kg 11.8,5kg 52;洛河绿豆|袋|1kg 15.8",
        "面粉面条": "麦香园特精粉|袋|5kg 24.5,10kg 46,25kg 108;麦香园饺子粉|袋|2.5kg 15.8,5kg 29.9;麦香园挂面|袋|1kg 7.2,整箱10袋 68;麦香园荞麦面|袋|900g 12.8;洛河粉丝|袋|300g 8.5,整箱20袋 158",
        "食用油": "金穗花生油|瓶|900ml 21.5,1.8L 42,5L 109;金穗大豆油|瓶|1.8L 21.8,5L 52.5,20L 198;海岸玉米油|瓶|1.8L 29.8,5L 72;金穗芝麻香油|瓶|220ml 16.8,450ml 31",
        "酱油醋": "老街坊生抽|瓶|500ml 7.8,1.9L 22.5;老街坊老抽|瓶|500ml 8.5,1.9L 23.9;老街坊香醋|瓶|420ml 6.5,1.75L 18.8;老街坊料酒|瓶|500ml 6.9,整箱12瓶 78",
        "酱料调料": "红灶郫县豆瓣酱|瓶|500g 9.9,1kg 16.8;红灶火锅底料|袋|150g 6.8,500g 18.5;海岸蚝油|瓶|510g 8.9,2.26kg 28;白帆加碘盐|袋|400g 2.2,整箱40袋 82;甜田白砂糖|袋|500g 4.9,整箱20袋 92;红灶十三香|袋|45g 3.9,整箱60袋 218;红灶鸡精|袋|200g 8.8,1kg 36",
    },
    "酒水饮料": {
        "啤酒": "栈桥淡爽啤酒|箱|330ml×24听 58,500ml×12瓶 42;栈桥原浆啤酒|箱|1L×6桶 96,2L×4桶 118;栈桥白啤|箱|330ml×24听 86;栈桥黑啤|箱|330ml×24听 98;栈桥无醇啤酒|箱|330ml×24听 78",
        "白酒": "洛都浓香42度|瓶|500ml 48,整箱6瓶 276;洛都浓香52度|瓶|500ml 68,整箱6瓶 396;洛都坛装原酒|件|1.5L 128;老街坊二锅头|瓶|500ml 15.8,整箱12瓶 182;海岸干红葡萄酒|瓶|750ml 58,整箱6瓶 330;海岸黄酒|瓶|500ml 12.8",
        "饮料": "果园里橙汁|瓶|1L 8.5,整箱12瓶 96;果园里苹果醋|瓶|650ml 6.8,整箱15瓶 95;清凉凉茶|箱|310ml×24罐 62,500ml×15瓶 48;海风气泡水|箱|330ml×24罐 66;活力维生素饮料|箱|500ml×15瓶 52;果园里酸梅汤|箱|1L×12瓶 84;果园里核桃露|箱|240ml×20罐 72;清凉绿茶|箱|500ml×15瓶 46",
        "饮用水": "崂泉矿泉水|箱|330ml×24瓶 36,550ml×24瓶 33;崂泉桶装水|件|4.5L×4桶 38,18.9L 18;白帆纯净水|箱|550ml×24瓶 22;崂泉苏打水|箱|400ml×24瓶 58;崂泉茶饮用水|件|12L 24",
        "乳品": "牧歌纯牛奶|箱|250ml×24盒 58,1L×12盒 96;牧歌酸奶|箱|200g×12盒 46;牧歌儿童奶|箱|190ml×15盒 49;牧歌高钙奶粉|袋|400g 36,800g 69",
    },
    "休闲食品": {
        "饼干糕点": "麦香园苏打饼干|袋|400g 9.9,整箱12袋 108;麦香园曲奇|件|455g礼盒 26.8;禾禾蛋卷|件|550g礼盒 29.9;禾禾小面包|箱|2kg 39.8;禾禾沙琪玛|袋|468g 16.8,整箱12袋 192;麦香园威化|袋|300g 9.5",
        "糖果巧克力": "甜田水果糖|袋|500g 12.8,整箱20袋 238;甜田奶糖|袋|454g 21.5;甜田酥糖|袋|400g 16.8;甜田软糖|袋|350g 13.8,整箱16袋 205;可可屋巧克力|件|礼盒装 58;甜田果冻|袋|1kg 15.8;甜田山楂片|袋|500g 9.8",
        "坚果炒货": "山里人五香瓜子|袋|150g 5.5,500g 15.8;山里人花生米|袋|500g 12.9,整箱20袋 240;山里人每日坚果|箱|25g×30袋 69,25g×7袋 18.9;山里人红枣|袋|500g 16.8,1kg 31;山里人核桃|袋|500g 24.8",
        "膨化海味": "脆脆薯片|袋|70g 5.2,整箱22袋 105;脆脆虾条|袋|60g 3.5;海岸烤鱼片|袋|80g 9.8,整箱40袋 372;海岸即食海苔|袋|32g 8.6;海岸鱿鱼丝|袋|60g 12.8;脆脆锅巴|袋|260g 6.9",
    },
    "方便速食": {
        "方便面": "灶台红烧牛肉面|箱|105g×12桶 46,103g×24袋 49.5;灶台老坛酸菜面|箱|115g×12桶 46,118g×24袋 49.5;灶台干拌面|箱|110g×24袋 62;灶台自热米饭|箱|260g×12盒 128;灶台自热火锅|箱|400g×6盒 96;灶台酸辣粉|箱|130g×6桶 36",
        "罐头熟食": "海岸豆豉鲮鱼罐头|件|227g×5罐 68;海岸午餐肉|件|340g×6罐 84;果园里黄桃罐头|箱|425g×12罐 72;果园里橘子罐头|箱|425g×12罐 66;海岸红烧带鱼罐头|件|150g×6罐 58;灶台火腿肠|箱|40g×40支 42,60g×50支 68;红灶下饭菜|件|22g×60袋 42;红灶榨菜|箱|80g×100袋 118",
        "速冻食品": "家宴速冻水饺|袋|1kg 18.9,整箱10袋 178;家宴汤圆|袋|500g 9.9,整箱20袋 188;家宴手抓饼|袋|900g 12.8,整箱12袋 146;家宴馄饨|袋|500g 13.8;家宴鱼丸|袋|500g 16.8,2.5kg 78",
    },
    "日用百货": {
        "纸品": "云朵抽纸|件|3层100抽×20包 32.8,3层120抽×24包 42.5;云朵卷纸|件|4层10卷 22.9,4层27卷 49;云朵手帕纸|件|4层36包 18.5;云朵湿巾|袋|80片 7.9,整箱24包 172;云朵厨房纸|件|2层6卷 25.8;云朵餐巾纸|件|200抽×40包 76",
        "洗衣清洁": "白帆洗衣液|瓶|2kg 19.9,3kg 28.5;白帆洗衣粉|袋|1.5kg 12.9,5kg 38;白帆洗洁精|瓶|1.5kg 9.9,5kg 28,20kg 88;白帆洁厕液|瓶|500g 6.5,整箱20瓶 118;白帆消毒液|瓶|1.2kg 10.8;白帆柔顺剂|瓶|2kg 22.8;白帆油污净|瓶|500g 11.8",
        "个人洗护": "初晨洗发水|瓶|400ml 22.8,750ml 38;初晨沐浴露|瓶|500ml 19.9,1L 33;初晨香皂|个|108g 4.2,整箱72块 268;初晨洗手液|瓶|500ml 10.9;初晨护手霜|个|60g 9.9;初晨花露水|瓶|195ml 12.5",
        "口腔护理": "初晨牙膏|个|120g 8.8,180g 12.5;初晨牙刷|套|两支装 9.9,四支家庭装 16.8;初晨漱口水|瓶|250ml 15.8,500ml 26;初晨儿童牙膏|个|60g 11.8;初晨牙线|件|50支×6盒 29.9",
        "厨房用品": "家宴保鲜膜|个|30cm×30m 8.9,30cm×60m 15.5;家宴保鲜袋|个|中号150只 9.5;家宴垃圾袋|件|45×50cm 150只 12.8,60×80cm 100只 19.9;家宴一次性手套|件|500只 11.5;家宴百洁布|件|10片装 6.9;家宴一次性纸杯|件|100只 7.9,整箱2000只 98;家宴竹筷|件|10双装 12.8",
    },
}


@dataclass(frozen=True, slots=True)
class Article:
    group: str
    category: str
    name: str
    unit: str
    spec: str
    price: Decimal
    barcode: str
    stock: Decimal
    on_shelf: bool


def category_tree() -> dict[str, tuple[str, ...]]:
    """Top categories with what is below them."""
    return {group: tuple(below) for group, below in _RANGE.items()}


def articles(dice: Dice, count: int) -> list[Article]:
    """`count` articles, spread over the categories. About 4 % are off the shelf, some are out of stock."""
    everything = list(_all())
    chosen = everything if count >= len(everything) else everything[:: max(1, len(everything) // count)][:count]
    found = []
    for index, (group, category, name, unit, spec, price) in enumerate(chosen):
        stock = 0 if dice.chance(0.03) else dice.between(20, 900)
        found.append(
            Article(
                group, category, name, unit, spec, Decimal(price), _barcode(index), Decimal(stock), index % 25 != 24
            )
        )
    return found


def _all() -> Iterator[tuple[str, str, str, str, str, str]]:
    for group, categories in _RANGE.items():
        for category, text in categories.items():
            for line in text.split(";"):
                name, unit, specs = line.split("|")
                for entry in specs.split(","):
                    spec, _, price = entry.rpartition(" ")
                    # A case of a thing sold singly is a case, whatever the single one is sold by.
                    yield group, category, name, "箱" if spec.startswith("整箱") else unit, spec, price


def _barcode(index: int) -> str:
    """An EAN-13 with the prefix for use inside one company (20–29), so that it is nobody's real article."""
    digits = f"2069{index:08d}"
    check = -sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10
    return f"{digits}{check}"
