"""The three cities of the demo company: real districts and street names, coordinates (WGS-84) on land.

A district is a centre and a radius that stays clear of water. Its streets are laid through that circle by their place
in the list, so a street is always at the same spot and house numbers follow along it.
"""

import math
from dataclasses import dataclass

METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class District:
    name: str
    lat: float
    lng: float
    radius_m: float
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class City:
    province: str
    name: str
    area_code: str
    region: str  #: the company's sales region
    districts: tuple[District, ...]


def _district(name: str, lat: float, lng: float, radius_m: float, streets: str) -> District:
    return District(name, lat, lng, radius_m, tuple(streets.split()))


QINGDAO = City(
    "山东省", "青岛市", "0532", "一区",
    (
        _district("市南区", 36.0725, 120.3880, 800, "香港中路 闽江路 南京路 江西路 宁夏路 云霄路 延安三路 山东路"),
        _district("市北区", 36.0890, 120.3660, 1200, "台东三路 威海路 延安路 登州路 辽宁路 敦化路 镇江路 鞍山路"),
        _district("李沧区", 36.1620, 120.4280, 1500, "书院路 京口路 向阳路 峰山路 九水路 夏庄路 振华路 巨峰路"),
        _district("崂山区", 36.1060, 120.4640, 1100, "海尔路 秦岭路 苗岭路 仙霞岭路 银川东路 辽阳东路 深圳路"),
        _district("城阳区", 36.3070, 120.3900, 1900, "正阳路 长城路 春阳路 明阳路 崇阳路 黑龙江中路 和阳路"),
        _district("黄岛区", 35.9660, 120.1850, 1000, "长江中路 井冈山路 香江路 武夷山路 紫金山路 阿里山路"),
        _district("即墨区", 36.3890, 120.4470, 1700, "鹤山路 烟青路 振华街 蓝鳌路 新兴路 嵩山二路 文化路"),
        _district("胶州市", 36.2650, 120.0300, 1500, "福州南路 郑州东路 兰州东路 广州北路 胶州西路 北京东路"),
    ),
)  # fmt: skip

LUOYANG = City(
    "河南省", "洛阳市", "0379", "二区",
    (
        _district("老城区", 34.6850, 112.4770, 800, "中州东路 西大街 东大街 兴华街 环城西路 集市街"),
        _district("西工区", 34.6700, 112.4330, 900, "中州中路 解放路 王城大道 凯旋东路 金谷园路 纱厂南路 唐宫中路"),
        _district("瀍河回族区", 34.6850, 112.4990, 800, "启明南路 夹马营路 华林路 爽明街 买家街 新街"),
        _district("涧西区", 34.6640, 112.3950, 1200, "南昌路 景华路 西苑路 武汉路 长安路 延安路 青岛路 天津路"),
        _district("洛龙区", 34.6190, 112.4520, 1600, "开元大道 关林路 龙门大道 古城路 展览路 长兴街 太康路"),
        _district("偃师区", 34.7290, 112.7890, 1200, "商都路 华夏路 迎宾路 民主路 太学路 槐新路"),
        _district("孟津区", 34.8260, 112.4450, 1100, "桂花大道 平安路 黄河路 会盟路 小浪底大道"),
    ),
)  # fmt: skip

SHENZHEN = City(
    "广东省", "深圳市", "0755", "三区",
    (
        _district("福田区", 22.5430, 114.0570, 1100, "深南中路 福华路 振华路 红荔路 新洲路 彩田路 福强路 滨河大道"),
        _district("罗湖区", 22.5570, 114.1250, 1100, "东门中路 人民北路 深南东路 宝安南路 笋岗东路 文锦中路 太宁路"),
        _district("南山区", 22.5370, 113.9260, 1100, "南海大道 南山大道 桃园路 学府路 创业路 登良路 科苑路"),
        _district("宝安区", 22.5680, 113.8950, 1200, "前进一路 建安一路 新安二路 裕安一路 宝民一路 翻身路 公园路"),
        _district("龙岗区", 22.7200, 114.2470, 1600, "龙翔大道 吉祥中路 龙城大道 黄阁路 深汕路 龙平西路 清林路"),
        _district("龙华区", 22.6560, 114.0270, 1300, "人民路 和平路 龙观路 梅龙路 东环一路 建设路 工业路"),
        _district("光明区", 22.7480, 113.9360, 1200, "光明大街 华夏路 光翠路 碧园路 松白路 河心路"),
        _district("坪山区", 22.6910, 114.3460, 1200, "东纵路 坪山大道 中山大道 比亚迪路 龙坪路"),
    ),
)  # fmt: skip

CITIES = (QINGDAO, LUOYANG, SHENZHEN)


def house(district: District, street: int, number: int) -> tuple[float, float]:
    """Latitude and longitude of a house: streets cross the district's circle at their own angle and distance."""
    count = len(district.streets)
    angle = math.pi * (street % count) / count
    aside = district.radius_m * (((street * 5) % count) / count - 0.5)
    # Even numbers on one side of the street, odd on the other, 6 m a house, turning back inside the circle.
    reach = math.sqrt(max(district.radius_m**2 - aside**2, 1.0)) * 0.95
    along = math.asin(math.sin(number * 6.0 / reach)) * reach * 2 / math.pi
    side = 12.0 if number % 2 else -12.0
    east = along * math.cos(angle) - (aside + side) * math.sin(angle)
    north = along * math.sin(angle) + (aside + side) * math.cos(angle)
    return moved(district.lat, district.lng, north, east)


def moved(lat: float, lng: float, north_m: float, east_m: float) -> tuple[float, float]:
    """The place so many metres north and east, to the decimetre."""
    shrink = math.cos(math.radians(lat))
    return round(lat + north_m / METRES_PER_DEGREE, 6), round(lng + east_m / (METRES_PER_DEGREE * shrink), 6)
